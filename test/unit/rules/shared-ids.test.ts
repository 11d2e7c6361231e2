import { describe, expect, it } from 'vitest'
import type { IdMappingDescription } from '../../../src/emulator/firmware/iort-nodes.js'
import { probeFirmware } from '../../../src/probes/firmware-machine.js'
import { lintFirmware } from '../../../src/report/lint/lint.js'
import { arm, card, judged, sysrootOf } from './metal.js'

const CARD = '0000:01:00.0'
const WIRED = { eventGsiv: 40, priGsiv: 41, gerrorGsiv: 42, syncGsiv: 43, revision: 4 } as const
const ABOUT_SHARED_IDS = new Set(['IR101', 'IR113', 'IR214', 'IR313'])

/** One root complex, and a component behind an SMMU of its own whose StreamID is 0x200. */
function withComponent(...ofSecond: readonly IdMappingDescription[]) {
  return arm({
    iommus: [
      { name: 'smmu', type: 'smmuv3', address: '0x9050000' },
      { name: 'second', type: 'smmuv3', address: '0x9070000' },
    ],
    acpi: {
      iort: {
        nodes: [
          { type: 'its-group', name: 'g', itsIds: [0] },
          {
            type: 'smmuv3',
            name: 's',
            base: '0x9050000',
            ...WIRED,
            mappings: [{ inputBase: 0, ids: 0x10000, outputBase: 0, output: 'g' }],
          },
          { type: 'smmuv3', name: 't', base: '0x9070000', ...WIRED, mappings: ofSecond },
          {
            type: 'named-component',
            objectName: '\\_SB.DMA0',
            cacheCoherency: 1,
            mappings: [{ outputBase: 0x200, ids: 1, output: 't', singleMapping: true }],
          },
          {
            type: 'root-complex',
            segment: 0,
            cacheCoherency: 1,
            memoryFlags: 3,
            mappings: [{ inputBase: 0, ids: 0x10000, outputBase: 0, output: 's' }],
          },
        ],
      },
    },
  })
}

function told(machine: ReturnType<typeof arm>) {
  const { report } = judged({ machine })
  return report.findings
    .filter(({ rule }) => ABOUT_SHARED_IDS.has(rule))
    .map(({ rule, effect, devices }) => [rule, effect, devices])
}
const verdictOf = (machine: ReturnType<typeof arm>) =>
  judged({ machine }).report.devices.find(({ address }) => address === CARD)?.verdict
const linted = (machine: ReturnType<typeof arm>) =>
  lintFirmware(probeFirmware(sysrootOf({ machine })))
    .findings.filter(({ rule }) => ABOUT_SHARED_IDS.has(rule))
    .map(({ rule }) => rule)

/** Maps of a card at 01:00.0. */
const TO_CARD = { inputBase: 0x200, ids: 1, outputBase: 0x100, output: 'g' }
const ELSEWHERE = { inputBase: 0, ids: 0x10000, outputBase: 0x20000, output: 'g' }

describe('a device outside PCI behind an SMMU of its own', () => {
  it('has the DeviceID of the mapping that Linux takes, not of one behind it', () => {
    expect(told(withComponent(ELSEWHERE, TO_CARD))).toEqual([])
    expect(verdictOf(withComponent(ELSEWHERE, TO_CARD))).not.toBe('not-isolated')
  })
  it('shares one where Linux takes it so: told once by probe, and found by lint', () => {
    const machine = withComponent(TO_CARD, ELSEWHERE)
    expect(told(machine)).toEqual([['IR101', 'not-isolated', [CARD]]])
    expect(verdictOf(machine)).toBe('not-isolated')
    expect(linted(machine)).toEqual(['IR214'])
  })
})

describe('two root complexes behind SMMUs of their own that give one ITS the same DeviceIDs', () => {
  const machine = (...buses: readonly (readonly number[])[]) =>
    arm({
      iommus: [0, 1].map((at) => ({ name: `smmu${at}`, type: 'smmuv3', address: `0x90${5 + at}0000` }) as const),
      rootComplexes: buses.map((list, segment) => ({
        segment,
        iommu: `smmu${segment}`,
        msiMap: [{ to: 'its' }],
        functions: list.map((bus) => card(bus)),
      })),
    })

  it('is one fault: of all who share one, by probe, and of the table, by lint', () => {
    const [finding, ...others] = told(machine([1, 2], [1, 2]))
    expect([finding?.[0], finding?.[1], others]).toEqual(['IR101', 'not-isolated', []])
    expect(linted(machine([1, 2], [1, 2]))).toEqual(['IR214'])
  })
  it('is a caveat for who shares with nobody yet', () => {
    expect(told(machine([1], []))).toMatchObject([['IR113', 'caveat', expect.arrayContaining([CARD])]])
  })
})
