import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { viewOf } from '../../../../src/kernel/context.js'
import { logWitnesses, remappingByLog, remappingDriverByLog } from '../../../../src/kernel/x86/remapping-log.js'
import { known, unreadable } from '../../../../src/machine/fact.js'
import type { Machine } from '../../../../src/machine/machine.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { intel, sysrootOf } from '../../rules/metal.js'

/** What the log says, where: the words that say it, from a log that may have been read in part. */
describe('a witness in the log', () => {
  const LOG = 'var/log/dmesg'
  const BASE = probeMachine(sysrootOf({ machine: intel() }))
  const withLog = (...lines: readonly string[]) => {
    const { kernel, ...rest } = BASE
    return { ...rest, kernel: { ...kernel, log: known(lines) } }
  }
  const inPart = (...lines: readonly string[]) => {
    const { kernel, ...rest } = BASE
    return {
      ...rest,
      kernel: { ...kernel, log: unreadable('too-large'), logInPart: { lines, unread: 1, total: lines.length + 1 } },
    }
  }
  const VTD = 'DMAR-IR: Enabled IRQ remapping in x2apic mode'
  const AMD = 'AMD-Vi: Interrupt remapping enabled'
  const OFF = 'DMAR-IR: Not enabling interrupt remapping'
  /** VT-d specification, section 11.4.3: bit 3 of the extended capabilities is interrupt remapping. */
  const unit = (ecap: string) => `DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap c0000020660462 ecap ${ecap}`
  const says = (machine: Machine) =>
    logWitnesses(viewOf(machine)).map((one) => [one.says, one.from.path, one.from.excerpt])
  it.each<[string, Machine, readonly (readonly string[])[]]>([
    ['nothing', withLog('Linux version 6.12.0'), []],
    [
      'that it is on, by the words alone',
      withLog(`${VTD} and more`),
      [['on', LOG, 'DMAR-IR: Enabled IRQ remapping in x2apic mode']],
    ],
    [
      'that it is on, up to 4.2',
      withLog('Enabled IRQ remapping in xapic mode'),
      [['on', LOG, 'Enabled IRQ remapping in xapic mode']],
    ],
    ['that it is on, of AMD', withLog('usb 1-1', AMD), [['on', LOG, AMD]]],
    ['not that it is on, in other words before', withLog(`x ${AMD}`), []],
    ['that it is off', withLog(`foo: ${OFF}`), [['off', LOG, 'Not enabling interrupt remapping']]],
    [
      'both',
      withLog(VTD, OFF),
      [
        ['on', LOG, VTD],
        ['off', LOG, 'Not enabling interrupt remapping'],
      ],
    ],
    [
      'the first of a kind',
      withLog('DMAR reported at address fed90000!', 'DMAR reported at address fed91000!'),
      [['off', LOG, 'DMAR reported at address fed90000!']],
    ],
    ['nothing of a unit that can remap', withLog(unit('f0101a')), []],
    ['of a unit that cannot', withLog(unit('f01017')), [['off', LOG, unit('f01017')]]],
    ['of the second unit that cannot', withLog(unit('8'), unit('f7')), [['off', LOG, unit('f7')]]],
    // What was not read may take it back, so of a part only what endangers counts.
    ['off, in the part of the log that was read', inPart(VTD, OFF), [['off', LOG, 'Not enabling interrupt remapping']]],
  ])('%s', (_, at, expected) => {
    expect(says(at)).toEqual(expected)
  })
  // K: irq_remapping.c, of kernels told to leave IO-APICs alone (noapic); the other says it of a unit's capabilities.
  it.each([
    ['DMAR-IR: Not enabling interrupt remapping due to skipped IO-APIC setup', 'command-line'],
    [unit('f01017'), 'unit-cannot-remap'],
  ])('%s: %s', (line, obstacle) => {
    expect(logWitnesses(viewOf(withLog(line)))[0]).toMatchObject({ says: 'off', obstacle })
  })
  it.each<[string, string | undefined]>([
    [unit('f0101a'), 'vt-d'],
    [VTD, 'vt-d'],
    ['Enabled IRQ remapping in xapic mode', 'vt-d'],
    ['DMAR-IR: Not enabling interrupt remapping', 'vt-d'],
    ['pci 0000:00:00.2: AMD-Vi: IOMMU performance counters supported', 'amd-vi'],
    ['DMAR: Host address width 39', undefined],
  ])('and whose driver is at work: %s', (line, expected) => {
    expect(remappingDriverByLog(viewOf(withLog('Linux version 6.12.0', line)))).toBe(expected)
  })
  it.each<[string, Machine, string | undefined]>([
    ['on, of Intel', withLog(VTD), 'vt-d'],
    ['on, up to 4.2', withLog('Enabled IRQ remapping in xapic mode'), 'vt-d'],
    ['on, of AMD', withLog(AMD), 'amd-vi'],
    ['on and off', withLog(VTD, OFF), undefined],
    ['off', withLog(OFF), undefined],
    ['nothing', withLog('Linux version 6.12.0'), undefined],
  ])('and whose remapping is on: %s', (_, at, expected) => {
    expect(remappingByLog(contextOf(at))?.kind).toBe(expected)
    expect(remappingByLog(contextOf(at, '5.4.0'))).toBeUndefined()
  })
})
