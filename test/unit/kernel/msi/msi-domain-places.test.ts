import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { everyMsiDomainRemaps } from '../../../../src/kernel/msi/global-isolation.js'
import { msiControllersOf } from '../../../../src/kernel/msi/msi-controllers.js'
import { describedMsi } from '../../../../src/kernel/msi/msi-domain.js'
import { known } from '../../../../src/machine/fact.js'
import type { Machine } from '../../../../src/machine/machine.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, card, intel, judged, sysrootOf } from '../../rules/metal.js'
import { vtd } from '../../rules/vector.js'
import { deviceTree } from '../devicetree/device-tree-nodes.js'
import { pciFunction } from '../pci/pci-functions.js'

const withoutLog = (): Machine => probeMachine(sysrootOf({ machine: arm({ kernel: { log: false } }) }))

/** K: 6.18 drivers/of/irq.c, of_msi_xlate: the walk goes on above the host bridge, and msi-parent counts on the way. */
describe('msi-parent of a bus above the host bridge', () => {
  const [ITS, ALPINE] = [1, 2]
  const tree = deviceTree({
    its: { compatible: 'arm,gic-v3-its', 'msi-controller': [], phandle: [ITS], '#msi-cells': [1], reg: [0, 0, 0, 0] },
    alpine: { compatible: 'al,alpine-msix', 'msi-controller': [], phandle: [ALPINE] },
    soc: { 'msi-parent': [ALPINE], pcie: { compatible: 'pci-host-ecam-generic', 'msi-parent': [ITS, 0] } },
  })
  const fn = {
    ...pciFunction({ at: '00:01.0' }),
    rootBus: known({
      name: 'pci0000:00',
      parentPath: 'devices/platform/soc/pcie',
      deviceTreeNode: known('/soc/pcie'),
    }),
  }
  it.each([
    // The ITS takes cells behind its phandle, so the walk passes the bridge by; up to 6.17 only maps count in it.
    ['6.17.0', 'yes'],
    ['6.18.0', 'no'],
  ] as const)('%s', (release, payloadChecked) => {
    const machine = withoutLog()
    const kernel = { ...machine.kernel, release: known(release) }
    const context = contextOf({ ...machine, kernel, deviceTree: known(tree), functions: known([fn]) })
    const described = describedMsi(context, fn, msiControllersOf(context))
    expect(described).toMatchObject({ state: 'decided', value: { payloadChecked } })
  })
})

/** K: dmar_find_matched_drhd_unit compares segments; map_dev_to_ir gives what it finds, or no domain at all. */
describe('a segment that no remapping unit is for', () => {
  it('has neither IOMMU nor remapped interrupts', () => {
    const idle = { msix: 0, msixCapable: 2, group: null }
    const dmar = { flags: 1, structures: [{ type: 'drhd', flags: 1, base: '0xfed90000' } as const] }
    const machine = intel({
      iommus: [vtd],
      acpi: { dmar },
      rootComplexes: [
        { iommu: 'dmar0', functions: [card(1)] },
        { segment: 1, ecam: '0xd0000000', functions: [card(1, idle)] },
      ],
    })
    const { devices } = judged({ machine }).report
    const answers = new Map(devices.map((device) => [device.address, device]))
    expect(answers.get('0000:01:00.0')).toMatchObject({ verdict: 'isolated', kernel: { isolatedMsi: 'yes' } })
    expect(answers.get('0001:01:00.0')).toMatchObject({
      verdict: 'not-isolated',
      reason: 'no-iommu',
      kernel: { isolatedMsi: 'no', vfioType1: { outcome: 'refuses', errno: 'EINVAL' } },
    })
  })
})

/** K: arch/powerpc makes MSI domains from 5.15 on, for which firmware has no description that is read here. */
describe('R_glob on powerpc', () => {
  it('is never taken for granted', () => {
    const machine = withoutLog()
    const kernel = { ...machine.kernel, architecture: known('powerpc' as const), release: known('6.1.0') }
    const context = contextOf({ ...machine, kernel, functions: known([]) })
    expect(everyMsiDomainRemaps(context, msiControllersOf(context).all)).toBe('unknown')
  })
})
