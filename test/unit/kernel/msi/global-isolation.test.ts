import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { msiInUse } from '../../../../src/kernel/msi/chips-in-use.js'
import { everyMsiDomainRemaps } from '../../../../src/kernel/msi/global-isolation.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { Architecture } from '../../../../src/machine/kernel.js'
import type { Machine } from '../../../../src/machine/machine.js'
import type { PciFunction } from '../../../../src/machine/pci.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf } from '../../rules/metal.js'
import { deviceTree } from '../devicetree/device-tree-nodes.js'
import { pciFunction } from '../pci/pci-functions.js'

const BASE = probeMachine(sysrootOf({ machine: arm({}) }))
const CLOSED = unreadable('permission')
const OTHER = pciFunction({ at: '01:00.0' })

function context(architecture: Architecture, chips: readonly string[], more: Partial<Machine> = {}) {
  const fn = { ...OTHER, msiVectors: known(chips.map((_, at) => ({ irq: at, mode: known('msix' as const) }))) }
  const byNumber = new Map(chips.map((chip, irq) => [irq, { irq, chipName: known(chip) }]))
  const machine: Machine = {
    ...BASE,
    kernel: { ...BASE.kernel, architecture: known(architecture) },
    deviceTree: absent(),
    functions: known(chips.length === 0 ? [] : [fn]),
    interrupts: { ...BASE.interrupts, byNumber },
    ...more,
  }
  return { context: contextOf(machine), fn }
}

const bridgeWith = (deviceTreeNode: Fact<string>): PciFunction['rootBus'] =>
  known({ name: 'pci0000:00', parentPath: 'devices/platform/pcie', deviceTreeNode })
const below = (rootBus: PciFunction['rootBus']): Partial<Machine> => ({ functions: known([{ ...OTHER, rootBus }]) })
const TREE: Partial<Machine> = {
  deviceTree: known(
    deviceTree({
      pcie: { compatible: 'pci-host-ecam-generic' },
      strange: { compatible: 'vendor,unheard-of-pcie' },
      closed: { compatible: 'UNREADABLE' },
    }),
  ),
}

// K: kernel/irq/irqdomain.c, irq_domain_check_msi_remap: true where no MSI domain is registered that does not remap.
describe('that every registered MSI domain remaps', () => {
  const madt = { acpi: { ...BASE.acpi, madt: CLOSED } }
  it.each<[string, Architecture, readonly string[], Partial<Machine>?]>([
    ['no', 'x86_64', ['IR-PCI-MSI']],
    ['unknown', 's390x', []],
    ['unknown', 'other', []],
    ['unknown', 'powerpc', []],
    ['no', 'powerpc', ['PNV-PCI-MSI']],
    ...(['arm64', 'arm', 'riscv64', 'loongarch64'] as const).map((at): [string, Architecture, []] => ['yes', at, []]),
    ['yes', 'arm64', ['ITS-MSI']],
    ['no', 'arm64', ['ITS-MSI', 'MSI']],
    ['unknown', 'arm64', ['SOMEBODY-MSI']],
    ['unknown', 'arm64', [], madt],
    ['no', 'arm64', ['MSI'], madt],
    ['unknown', 'arm64', [], { deviceTree: CLOSED }],
    ['yes', 'arm64', [], { deviceTree: known(deviceTree({})) }],
    ['unknown', 'arm64', [], { deviceTree: known(deviceTree({}, false)) }],
    // Vectors whose chip nobody can name may be anybody's.
    ['unknown', 'arm64', ['ITS-PCI-MSI-0000:09:00.0']],
    // A bridge with a node shows that there was a tree; one that cannot be read may have one, with any driver.
    ['unknown', 'arm64', [], below(bridgeWith(known('/pcie')))],
    ['unknown', 'arm64', [], below(bridgeWith(CLOSED))],
    ['yes', 'arm64', [], below(bridgeWith(absent()))],
    ['unknown', 'arm64', [], below(CLOSED)],
    ['yes', 'arm64', [], below(absent())],
    ['yes', 'arm64', [], { ...below(bridgeWith(known('/pcie'))), ...TREE }],
    ['unknown', 'arm64', [], { ...below(bridgeWith(known('/strange'))), ...TREE }],
    ['unknown', 'arm64', [], { ...below(bridgeWith(known('/closed'))), ...TREE }],
    ['unknown', 'arm64', [], { ...below(bridgeWith(CLOSED)), ...TREE }],
    ['unknown', 'arm64', [], { ...below(CLOSED), ...TREE }],
  ])('%s on %s (row %#)', (expected, architecture, chips, more) => {
    expect(everyMsiDomainRemaps(context(architecture, chips, more).context, [])).toBe(expected)
  })
})

it('interrupts of two kinds of chips are those of none, and the weaker flag counts', () => {
  const used = (...chips: readonly string[]) => {
    const { context: at, fn } = context('arm64', chips)
    return msiInUse(at, fn)
  }
  expect(used('ITS-MSI', 'ITS-MSI')).toMatchObject({ kind: 'its', isolated: 'yes' })
  expect(used('ITS-MSI', 'GICv2m-PCI-MSI-0000:01:00.0')).toMatchObject({ kind: 'unknown', isolated: 'no' })
  expect(used('GICv2m-PCI-MSI-0000:02:00.0')).toMatchObject({ state: 'unreadable' })
  expect(used()).toEqual({ state: 'none' })
})
