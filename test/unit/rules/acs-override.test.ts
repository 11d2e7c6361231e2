import { expect, it } from 'vitest'
import { arm, card, closed, judged, text } from './metal.js'

const WORD = 'pcie_acs_override=downstream,multifunction'

/** Two cards below root ports of one slot without ACS, which Linux puts into one group, with the groups that are given. */
const cards = (groups: readonly number[]) =>
  groups.map((group, at) => ({ ...card(at + 1, { group }), address: `00:01.${at}`, acs: false, group }))
const separated = cards([1, 2])
const together = cards([1, 1])

interface Override {
  readonly line?: string
  readonly release?: string
  readonly functions?: typeof separated
  readonly configClosed?: true
}

/** What is said of the groups where the word is on the command line. */
function answerOf({ line = 'x', release = '6.12.0', functions = separated, configClosed }: Override) {
  const { report } = judged({
    machine: arm({
      kernel: { release, commandLine: `quiet ${WORD}` },
      rootComplexes: [{ iommu: 'smmu', msi: 'its', functions }],
    }),
    edit: (files) => {
      files.set('var/log/dmesg', text(`<5>[    0.000000] ${line}\n`))
      if (configClosed) for (const path of files.keys()) if (path.endsWith('/config')) files.set(path, closed)
    },
  })
  const [device] = report.devices.filter(({ role }) => role === 'endpoint')
  return [device?.reason, report.findings.find(({ rule }) => rule === 'IR002')?.outcome]
}

// K: init/main.c, print_unknown_bootoptions(), which a word of an early_param() does not reach. The first as seen with
// Debian's 6.12.
it.each([
  ['pcie_acs_override=downstream,multifunction', undefined],
  ['splash pcie_acs_override=downstream', undefined],
  ['splash my_pcie_acs_override=1', 'fail'],
])('pcie_acs_override where the kernel does not know %s', (words, found) => {
  const line = `Unknown kernel command line parameters "${words}", will be passed to user space.`
  expect(answerOf({ line })[1]).toBe(found)
})

it('groups finer than the hardware separates show that the word is in force, whatever the kernel is called', () => {
  expect(answerOf({})).toEqual(['false-groups', 'fail'])
  expect(answerOf({ release: '6.8.12-4-pve' })).toEqual(['false-groups', 'fail'])
})

it('groups as the hardware makes them show that nothing is overridden', () => {
  expect(answerOf({ functions: together })).toEqual(['its-behind-smmu', undefined])
  expect(answerOf({ functions: together, release: '6.8.12-4-pve' })[1]).toBeUndefined()
})

it('where configuration space is closed, a kernel that carries the patch is believed to use it', () => {
  expect(answerOf({ functions: together, configClosed: true })[1]).toBe('unknown')
  expect(answerOf({ functions: together, configClosed: true, release: '6.8.12-4-pve' })).toEqual([
    'false-groups',
    'fail',
  ])
})
