import { expect, it } from 'vitest'
import { arm, judged, text } from './metal.js'

/** Whether the groups are called false where the word is on the command line and the log holds this line. */
function answerOf(line: string) {
  const { report } = judged({
    machine: arm({ kernel: { release: '6.12.0', commandLine: 'quiet pcie_acs_override=downstream,multifunction' } }),
    edit: (files) => files.set('var/log/dmesg', text(`<5>[    0.000000] ${line}\n`)),
  })
  const [device] = report.devices.filter(({ role }) => role === 'endpoint')
  return [device?.reason, report.findings.some(({ rule }) => rule === 'IR002')]
}

// K: init/main.c, print_unknown_bootoptions(), which a word of an early_param() does not reach. The first as seen with
// Debian's 6.12.
it.each([
  ['pcie_acs_override=downstream,multifunction', 'its-behind-smmu', false],
  ['splash pcie_acs_override=downstream', 'its-behind-smmu', false],
  ['splash my_pcie_acs_override=1', 'false-groups', true],
])('pcie_acs_override where the kernel does not know %s', (words, reason, found) => {
  const line = `Unknown kernel command line parameters "${words}", will be passed to user space.`
  expect(answerOf(line)).toEqual([reason, found])
})

it('pcie_acs_override where the kernel knows every word', () => {
  expect(answerOf('GICv3: 256 SPIs implemented')).toEqual(['false-groups', true])
})
