import { expect, it } from 'vitest'
import { card, IDLE, intel, judged, text } from './metal.js'

const XT_PIC = '           CPU0       CPU1       \n  0:        222          0    XT-PIC      timer\n'
const SKIPPED = 'Not enabling interrupt remapping due to skipped IO-APIC setup'

/** What is said of a function without interrupts in use, where neither IO-APIC nor remapped chip is in use. */
function answerOf(commandLine: string, line: string) {
  const { report } = judged({
    machine: intel({
      kernel: { release: '6.12.0', commandLine },
      rootComplexes: [{ iommu: 'dmar0', functions: [card(1, {}, IDLE)] }],
    }),
    edit: (files) => {
      files.set('proc/interrupts', text(XT_PIC))
      files.set('var/log/dmesg', text(`<6>[    0.012000] ${line}\n`))
    },
  })
  const device = report.devices.find(({ role }) => role === 'endpoint')
  return [device?.verdict, device?.kernel.isolatedMsi, device?.kernel.vfioType1.errno]
}

// K: enable_IR_x2apic(). Seen with 6.12 under `noapic` and a VT-d unit that could remap: no IR- chip, EPERM.
it.each([
  ['the command line', 'intel_iommu=on noapic', 'Linux version 6.12.0', ['not-isolated', 'no', 'EPERM']],
  ['the log', 'intel_iommu=on', SKIPPED, ['not-isolated', 'no', 'EPERM']],
  ['neither', 'intel_iommu=on', 'Linux version 6.12.0', ['unknown', 'unknown', 'unknown']],
])('remapping is off without IO-APICs: %s says so', (_, commandLine, line, expected) => {
  expect(answerOf(commandLine, line)).toEqual(expected)
})
