import { afterAll, describe, expect, test } from 'vitest'
import { intremapWords } from '../../../src/kernel/msi/intremap-words.js'
import { intelIommuWord, iommuOffWords } from '../../../src/kernel/x86/iommu-words.js'
import { known } from '../../../src/machine/fact.js'
import type { Machine } from '../../../src/machine/machine.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { intel, sysrootOf } from '../../unit/rules/metal.js'
import { cutFunction } from '../cut.js'
import { Draw } from '../draw.js'
import { Comparison, kernelFile, Oracle, QUESTIONS, RELEASES, SEED, TIMEOUT, withStubs } from '../oracle.js'

const NAMES = [
  'intremap',
  'iommu',
  'intel_iommu',
  'amd_iommu',
  'intel-iommu',
  'amd-iommu',
  'iommus',
  'xintremap',
] as const
const PARTS = [
  'on',
  'off',
  'offline',
  'one',
  'no',
  'o',
  'OFF',
  'xoff',
  '',
  'nosid',
  'nosidx',
  'nopost',
  'pt',
  'usedac',
  'noforce',
  'igfx_off',
  'sm_on',
  'force_enable',
  'fullflush',
  'posted_msi',
] as const

function drawWord(draw: Draw): string {
  if (draw.chance(8))
    return draw.pick(['nointremap', 'nointremap=x', 'nointremapx', 'intremap', 'iommu', 'off', 'quiet'])
  const parts = Array.from({ length: 1 + draw.below(3) }, () => draw.pick(PARTS))
  return `${draw.pick(NAMES)}=${parts.join(',')}`
}

function oracleOf(release: string): Oracle {
  const file = (path: string) => kernelFile(release, path)
  const remapping = file('drivers/iommu/irq_remapping.c')
  const functions: readonly (readonly [string, string])[] = [
    [remapping, 'setup_nointremap'],
    [remapping, 'setup_irqremap'],
    [file('arch/x86/kernel/pci-dma.c'), 'iommu_setup'],
    [file('drivers/iommu/intel/iommu.c'), 'intel_iommu_setup'],
    [file('drivers/iommu/amd/init.c'), 'parse_amd_iommu_options'],
  ]
  return new Oracle(
    withStubs('x86/words-stubs.c', functions.map(([source, name]) => cutFunction(source, name)).join('\n')),
  )
}

/** In the oracle's words: remapping off, source ids unchecked, no IOMMU, no AMD IOMMU, and Intel's: -1 as built, 0 on, 1 off. */
function ourAnswer(machine: Machine): string {
  const { offWord, sourceIdsUnchecked } = intremapWords(machine)
  const off = iommuOffWords(machine, 'amd-vi')
  const intelWord = intelIommuWord(machine)
  const flags = [
    offWord !== undefined,
    sourceIdsUnchecked,
    off.some((word) => word.startsWith('iommu=')),
    off.some((word) => /^amd[-_]iommu=/.test(word)),
  ]
  return [...flags.map((flag) => (flag ? 1 : 0)), intelWord ? (intelWord.on ? 0 : 1) : -1].join(' ')
}

describe.skipIf(RELEASES.length === 0)('words that turn remapping off', () => {
  const oracles: Oracle[] = []
  afterAll(() => {
    for (const oracle of oracles) oracle.remove()
  })

  test.each(RELEASES)(
    `the parsers of Linux %s answer ${QUESTIONS} questions as we do`,
    (name) => {
      const oracle = oracleOf(name)
      oracles.push(oracle)
      const machine = probeMachine(sysrootOf({ machine: intel() }))
      const draw = new Draw(SEED)
      const comparison = new Comparison()
      while (comparison.asked < QUESTIONS) {
        const lists = Array.from({ length: 5000 }, () => Array.from({ length: draw.below(4) }, () => drawWord(draw)))
        const asked = lists.flatMap((list) => [
          list.length,
          ...list.flatMap((word) => [word.length, ...Buffer.from(word)]),
        ])
        const lines = oracle.ask(Buffer.from(Uint32Array.from(asked).buffer))
        for (const [index, list] of lists.entries()) {
          const theirs = lines[index] ?? ''
          const ours = ourAnswer({ ...machine, kernel: { ...machine.kernel, commandLine: known(list) } })
          if (ours === theirs) comparison.equal++
          else comparison.differs(`${ours} where the kernel says ${theirs}`, () => JSON.stringify(list))
        }
      }
      console.log(
        `setup_irqremap, iommu_setup, intel_iommu_setup, parse_amd_iommu_options ${name}: ${comparison.summary}`,
      )
      expect(comparison.differences).toEqual([])
    },
    TIMEOUT,
  )
})
