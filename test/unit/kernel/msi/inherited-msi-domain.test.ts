import { describe, expect, it } from 'vitest'
import type { MsiControllerDescription, RootComplexDescription } from '../../../../src/emulator/machine-description.js'
import { arm, card, judged, tree } from '../../rules/metal.js'
import { its } from '../../rules/vector.js'

const CARD = '0000:01:00.0'
/** RequesterID 8 is the root port 00:01.0; the card below it, 0x100, is outside. */
const PORT = { from: 8, count: 1 }
/** K: drivers/irqchip/irq-alpine-msi.c: a PCI MSI domain without the flag. */
const alpine: MsiControllerDescription = {
  name: 'alpine',
  type: 'private',
  address: '0xfbe00000',
  compatible: ['al,alpine-msix'],
  prefix: 'ALPINE',
}

/** Cell 0 behind the phandle: the ITS has `#msi-cells` of 1, and for PCI the cell means nothing. */
const PARENT = { deviceTree: { properties: { '/pcie@10000000': { 'msi-parent': ['&its', 0] } } } }

function answerFor(
  base: typeof arm,
  bridge: Omit<RootComplexDescription, 'functions'>,
  more: Parameters<typeof arm>[0] = {},
) {
  const machine = base({
    ...more,
    msiControllers: [its, alpine],
    kernel: { log: false },
    rootComplexes: [
      { iommu: 'smmu', node: 'pcie@10000000', ...bridge, functions: [card(1, { msix: 0, msixCapable: 2 })] },
    ],
  })
  const device = judged({ machine }).report.devices.find(({ address }) => address === CARD)
  const { kind, deviceIds } = device?.chain.msiController ?? {}
  return { isolatedMsi: device?.kernel.isolatedMsi, verdict: device?.verdict, kind, deviceIds }
}

/**
 * K: drivers/pci/probe.c, pci_set_bus_msi_domain: a bus takes the domain of the bridge above it, and the host bridge is
 * asked only where no bridge has one. kernel-decision.md sections 3.1 and 3.2.
 */
describe('a function outside every map takes the domain of the bridge above it', () => {
  it.each([
    ['msi-map', tree],
    ['IORT', arm],
  ] as const)('the ITS that %s gives the port, with the RequesterID as DeviceID', (_, base) => {
    expect(answerFor(base, { msiMap: [{ ...PORT, to: 'its', outputBase: 8 }] })).toEqual({
      isolatedMsi: 'yes',
      kind: 'its',
      deviceIds: ['0x100'],
      // Nobody says that the hardware takes it so: beyond-kernel.md H18.
      verdict: 'isolated-with-caveats',
    })
  })
  it('a controller without payload check before an ITS that the host bridge names', () => {
    expect(answerFor(tree, { msiMap: [{ ...PORT, to: 'alpine' }] }, PARENT)).toMatchObject({
      isolatedMsi: 'no',
      verdict: 'not-isolated',
    })
  })
  it('the ITS of the host bridge where no bridge on the way has a domain', () => {
    const elsewhere = { from: '0x800', count: 1, to: 'its' }
    expect(answerFor(tree, { msiMap: [elsewhere] }, PARENT)).toMatchObject({
      isolatedMsi: 'yes',
      deviceIds: ['0x100'],
      verdict: 'isolated-with-caveats',
    })
  })
  it('none where nobody has one', () => {
    const elsewhere = { from: '0x800', count: 1, to: 'its' }
    for (const base of [tree, arm])
      expect(answerFor(base, { msiMap: [elsewhere] })).toMatchObject({ isolatedMsi: 'no', kind: 'none' })
  })
})
