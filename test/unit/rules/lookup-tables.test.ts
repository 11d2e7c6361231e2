import { describe, expect, it } from 'vitest'
import { arm, card, judged, tree } from './metal.js'
import { briefly, HOST_BRIDGE, judgedBoard, type BoardChange } from './judged-tree.js'

const BRIDGE = '/pcie@10000000'
/** StreamID and DeviceID of the root port and of a card, in order of discovery. */
const IN_ORDER = {
  'iommu-map': [0, '&smmu', 0x10, 1, 0x100, '&smmu', 0x11, 7],
  'msi-map': [0, '&its', 0x10, 1, 0x100, '&its', 0x11, 7],
}
/** By halves of the buses, with an offset each: no lookup table looks like that. */
const BY_HALVES = {
  'iommu-map': [0, '&smmu', 0, 0x8000, 0x8000, '&smmu', 0x18000, 0x8000],
  'msi-map': [0, '&its', 0, 0x8000, 0x8000, '&its', 0x18000, 0x8000],
}
const aboutOffsets = (found: ReturnType<typeof judgedBoard>) =>
  briefly(found).filter((line) => line.startsWith('IR316'))
const judgedBridge = (bridge: NonNullable<BoardChange['bridge']>) => judgedBoard({ bridge })

describe('offsets that change', () => {
  it('are by design where ids are given device by device, or by a host bridge that has a lookup table', () => {
    expect(aboutOffsets(judgedBridge(IN_ORDER))).toEqual([])
    // K: pci-imx6.c programs what the maps say, whatever their shape.
    expect(aboutOffsets(judgedBridge({ ...BY_HALVES, compatible: ['fsl,imx95-pcie'] }))).toEqual([])
    expect(aboutOffsets(judgedBridge(BY_HALVES))).toEqual([`IR316 medium ${BRIDGE}`])
  })
  it('are told between the two ids: a lookup table gives both controllers one', () => {
    const crossed = { ...IN_ORDER, 'msi-map': [0, '&its', 0x11, 1, 0x100, '&its', 0x10, 7] }
    expect(aboutOffsets(judgedBridge(crossed))).toEqual([`IR316 medium ${BRIDGE}`])
  })
  it('are nothing to an IOMMU that is disabled, and neither is a mask', () => {
    const rulesOf = (status: string, mask?: number) => {
      const bridge = {
        'iommu-map': BY_HALVES['iommu-map'],
        ...(mask === undefined ? {} : { 'iommu-map-mask': mask }),
      }
      return briefly(judgedBoard({ bridge, smmu: { status } })).map((line) => line.split(' ')[0])
    }
    expect(rulesOf('okay')).toContain('IR316')
    expect(rulesOf('disabled')).not.toContain('IR316')
    expect(rulesOf('okay', 0xfff8)).toContain('IR305')
    expect(rulesOf('disabled', 0xfff8)).not.toContain('IR305')
  })
})

describe('maps that a boot loader writes anew', () => {
  const second = (compatible: string) => ({
    'pcie@20000000': { properties: { ...HOST_BRIDGE, compatible: [compatible], 'msi-map': [0, '&its', 0, 0x10000] } },
  })
  const collisions = (compatible: string) =>
    briefly(judgedBoard({ nodes: second(compatible) })).filter((line) => line.startsWith('IR313'))

  it('collide with nothing while nothing was started with them', () => {
    expect(collisions('fsl,lx2160a-pcie')).toEqual([])
    expect(collisions('pci-host-ecam-generic')).toHaveLength(1)
  })
})

describe('IR114 on a running machine', () => {
  const inOrder = (to: string) => [
    { to, from: 0x8, count: 1, outputBase: 0x10 },
    { to, from: 0x10, count: 1, outputBase: 0x11 },
    { to, from: 0x100, count: 1, outputBase: 0x12 },
    { to, from: 0x200, count: 1, outputBase: 0x13 },
  ]
  const machine = (msi: ReturnType<typeof inOrder>) => ({
    rootComplexes: [{ iommuMap: inOrder('smmu'), msiMap: msi, functions: [card(1), card(2)] }],
  })
  const rulesOf = (made: ReturnType<typeof arm>) => judged({ machine: made }).report.findings.map(({ rule }) => rule)

  it('says nothing of ids in order of discovery, by tree or table', () => {
    for (const made of [tree(machine(inOrder('its'))), arm(machine(inOrder('its')))])
      for (const rule of ['IR114', 'IR215', 'IR316']) expect(rulesOf(made)).not.toContain(rule)
  })
  it('and does where SMMU and ITS know a card under different ids', () => {
    const crossed = inOrder('its').map((entry, at, all) => ({
      ...entry,
      outputBase: all[all.length - 1 - at]?.outputBase ?? 0,
    }))
    expect(rulesOf(tree(machine(crossed)))).toContain('IR114')
  })
})
