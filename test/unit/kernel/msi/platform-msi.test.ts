import { describe, expect, it } from 'vitest'
import { arm, card, judged, link, text, tree, type TestCase } from '../../rules/metal.js'
import { its, smmu, v2m, wiredSmmu } from '../../rules/vector.js'

const GROUP = '7'

/** A device beside the card in its group; `node` of the device tree is its own. */
const beside =
  (name: string, node?: string): TestCase['edit'] =>
  (files) => {
    const directory = `sys/devices/platform/${name}`
    files.set(`${directory}/iommu_group`, link(`../../../kernel/iommu_groups/${GROUP}`))
    files.set(`${directory}/uevent`, text(node === undefined ? `MODALIAS=x:${name}\n` : `OF_FULLNAME=/${node}\n`))
    if (node !== undefined) files.set(`${directory}/of_node`, link(`../../../firmware/devicetree/base/${node}`))
    files.set(`sys/bus/platform/devices/${name}`, link(`../../../devices/platform/${name}`))
    files.set(`sys/kernel/iommu_groups/${GROUP}/devices/${name}`, link(`../../../../devices/platform/${name}`))
  }
const functions = [card(1, { group: Number(GROUP) }, 'vfio-pci')]

const answer = (machine: TestCase['machine'], edit: TestCase['edit']) =>
  judged({ machine, ...(edit ? { edit } : {}) }).report.groups.find(({ id }) => id === GROUP)?.isolatedMsi

// drivers/of/irq.c, of_msi_configure: the domain of msi-parent, or none.
describe('a platform device of the device tree', () => {
  const board = (parent: string | undefined, release = '6.12.0') =>
    tree({
      kernel: { release },
      msiControllers: [its, v2m],
      rootComplexes: [{ iommu: 'smmu', msi: 'its', functions }],
      deviceTree: {
        nodes: {
          'ethernet@1000': {
            properties: { compatible: 'example,mac', ...(parent === undefined ? {} : { 'msi-parent': [parent, 5] }) },
          },
        },
      },
    })
  const edit = beside('1000.ethernet', 'ethernet@1000')

  it('isolates by an ITS', () => {
    expect(answer(board('&its'), edit)).toBe('yes')
  })
  it('does not without msi-parent', () => {
    expect(answer(board(undefined), edit)).toBe('no')
  })
  it('cannot be told where its node cannot be read', () => {
    const closed: TestCase['edit'] = (files) => {
      edit?.(files)
      files.set('sys/devices/platform/1000.ethernet/of_node', { kind: 'unreadable', reason: 'permission' })
    }
    expect(answer(board('&its'), closed)).toBe('unknown')
  })
})

// drivers/acpi/arm64/iort.c, iort_get_platform_device_domain; which component it is only the DSDT tells.
describe('a platform device under ACPI', () => {
  const machine = (component: boolean) =>
    arm({
      iommus: [smmu],
      rootComplexes: [{ iommu: 'smmu', msi: 'its', functions }],
      acpi: {
        iort: {
          nodes: [
            { type: 'its-group', name: 'group', itsIds: [0] },
            wiredSmmu([{ output: 'group' }]),
            { type: 'root-complex', segment: 0, mappings: [{ output: 'smmu' }] },
            ...(component
              ? ([
                  {
                    type: 'named-component',
                    objectName: '\\_SB.DMA0',
                    mappings: [{ outputBase: 9, output: 'smmu', singleMapping: true }],
                  },
                ] as const)
              : []),
          ],
        },
      },
    })

  it('has no domain where no named component leads to an ITS', () => {
    expect(answer(machine(false), beside('ARMH0330:00'))).toBe('no')
  })
  it('may have one where one does', () => {
    expect(answer(machine(true), beside('ARMH0330:00'))).toBe('unknown')
  })
  it('of the fsl-mc bus has one that the bus takes from somewhere else', () => {
    expect(answer(machine(false), beside('dpni.3'))).toBe('unknown')
  })
})
