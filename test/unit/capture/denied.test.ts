import { expect, test } from 'vitest'
import { captureMachine } from '../../../src/capture/capture.js'
import { captureList, captureListText, captureSummary } from '../../../src/cli/capture-list.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { sysrootNamed } from '../../support/whole-machines.js'

test('a capture tells what it could not have, and what to do about it', async () => {
  const machine = await sysrootNamed('arm-v3its-topo-acpi-612')
  if (!machine) throw new Error('the machine is gone')
  const IORT = 'sys/firmware/acpi/tables/IORT'
  const denied = machine.withChanges([[IORT, { kind: 'unreadable', reason: 'permission' }]])
  const capture = captureMachine(denied, probeMachine)
  expect(capture.denied).toEqual([IORT])
  expect(captureSummary(capture)).toMatch(/; 1 more was denied: run as root for a complete capture$/)
  expect(captureListText(captureList(capture))).toContain(`\n       -  denied    /${IORT}\n`)
  const whole = captureMachine(machine, probeMachine)
  expect(whole.denied).toEqual([])
  expect(captureSummary(whole)).not.toContain('denied')
})
