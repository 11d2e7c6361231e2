import { indexed } from '../../../src/render/report-index.js'
import { describe, expect, it } from 'vitest'
import { probeMachine } from '../../../src/probes/machine.js'
import { answerSentence } from '../../../src/render/probe/answer-sentence.js'
import { howToCollect } from '../../../src/render/words/unread-words.js'
import { buildReport } from '../../../src/report/probe/build.js'
import type { Report } from '../../../src/report/types.js'
import { inContainer } from '../../support/container.js'
import { bundledMachines } from '../../support/machines.js'

const MASKED = "Mount the host's /sys, /proc and /dev below another directory"
const LEFT_OUT = 'take a capture on the machine'

const remedies = (report: Report) =>
  report.findings.filter(({ rule }) => rule === 'IR109').map(({ remedy }) => remedy.slice(0, 60))

describe('what was not collected, in words of its own', async () => {
  const machines = new Map((await bundledMachines()).map(({ name, sysroot }) => [name, sysroot]))
  it.each(['x86-intel-ir-612', 'arm-v3its-smmu-acpi-612', 'arm-v3its-smmu-dt-612'])('%s', (name) => {
    const sysroot = machines.get(name)
    if (!sysroot) throw new Error(`no machine ${name}`)
    const container = buildReport(probeMachine(inContainer(sysroot)))
    expect(answerSentence(indexed(container)).text).toContain('what decides that is masked')
    for (const remedy of remedies(container)) expect(remedy).toContain(MASKED.slice(0, 60))
    // The log of an x86 machine says by itself that remapping is on.
    const untold = { kind: 'unreadable', reason: 'not-collected' } as const
    const without = sysroot.withChanges([
      ['sys/firmware', untold],
      ['var/log/dmesg', untold],
    ])
    const copy = buildReport(probeMachine(without))
    expect(answerSentence(indexed(copy)).text).toContain('what decides that was not collected')
    for (const remedy of remedies(copy)) expect(remedy.toLowerCase()).toContain(LEFT_OUT)
  })

  it('speaks of a mask only where a directory lies over firmware on this host', () => {
    const firmware = ['acpi-tables', 'device-tree'] as const
    expect(howToCollect([...firmware, 'firmware'], true)[0]).toContain('Masked in this container')
    expect(howToCollect(firmware, true).join(' ')).not.toContain('Masked')
    expect(howToCollect([...firmware, 'firmware'], false).join(' ')).toContain('Take a capture')
  })
})
