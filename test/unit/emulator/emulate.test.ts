import { describe, expect, it } from 'vitest'
import { emulateMachine } from '../../../src/emulator/emulate.js'
import type { MachineDescription } from '../../../src/emulator/machine-description.js'
import type { EmulatedTree } from '../../../src/emulator/sysfs-builder.js'
import { captureFiles, hasCapture } from './capture-files.js'
import { armAcpi, armDeviceTree, intelTopology } from './emulated-captures.js'

/** Text of a file, `-> target` of a link; other entries have neither. */
function shown(tree: EmulatedTree, path: string): string | undefined {
  const entry = tree.get(path)
  if (entry?.kind === 'symlink') return `-> ${entry.target}`
  if (entry?.kind !== 'file' || typeof entry.content === 'string') return undefined
  return Buffer.from(entry.content).toString('latin1')
}

const ATTRIBUTES = [
  'class',
  'device',
  'driver',
  'iommu',
  'iommu_group',
  'modalias',
  'revision',
  'secondary_bus_number',
  'subordinate_bus_number',
  'subsystem',
  'subsystem_device',
  'subsystem_vendor',
  'uevent',
  'vendor',
]

/** What of a machine has to agree to the byte: bus, functions, groups, IOMMUs, vectors, what tells the kernel. */
function compared(path: string): boolean {
  if (/^sys\/bus\/pci\/devices\/[^/]+$/.test(path)) return true
  if (/^sys\/kernel\/iommu_groups\/\d+\/(?:type|reserved_regions|devices\/[^/]+)$/.test(path)) return true
  if (/^sys\/class\/iommu\/[^/]+$/.test(path)) return true
  if (/^sys\/devices\/.*\/iommu\/[^/]+\/(?:device|subsystem|devices\/[^/]+)$/.test(path)) return true
  if (
    /^sys\/devices\/virtual\/iommu\/[^/]+\/(?:subsystem|devices\/[^/]+|intel-iommu\/(?:address|cap|ecap|version))$/.test(
      path,
    )
  ) {
    return true
  }
  if (/^sys\/devices\/platform\/[^/]*(?:smmu|pcie)[^/]*\/(?:driver|of_node|subsystem|uevent|modalias)$/.test(path))
    return true
  if (/^(?:proc\/(?:cmdline|sys\/kernel\/osrelease|device-tree)|dev\/nodes\.txt|dev\/vfio\/vfio)$/.test(path))
    return true
  const own = /\/[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.\d\/([^/]+|msi_irqs\/\d+)$/.exec(path)?.[1]
  return (
    path.startsWith('sys/devices/') && own !== undefined && (ATTRIBUTES.includes(own) || own.startsWith('msi_irqs/'))
  )
}

/** Lines of /proc/interrupts that are vectors of PCI functions, counters and action taken away. */
function vectorLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.includes('PCI-MSI'))
    .map((line) =>
      line
        .replaceAll(/(?<=:| ) *\d+(?= {2}|(?= +\d+ ))/g, (count) => ' '.repeat(count.length - 1) + '0')
        .replace(/  \S+(?: \S+)*$/, ''),
    )
}

describe.each([
  ['arm-v3its-smmu-acpi-612', armAcpi, 8],
  ['arm-v3its-smmu-dt-612', armDeviceTree, 8],
  ['x86-intel-topo-612', intelTopology, 13],
] as const)('%s, described and captured', (name, description, groups) => {
  const present = hasCapture(name)
  it.skipIf(!present)(`agree in every attribute compared${present ? '' : ' (the capture is not here)'}`, async () => {
    const captured = await captureFiles(name)
    const tree = emulateMachine(description)
    const expected = new Map([...captured].filter(([path]) => compared(path)))
    const found = new Map(
      [...tree.keys()].filter(compared).flatMap((path) => {
        const text = shown(tree, path)
        return text === undefined ? [] : [[path, text] as const]
      }),
    )
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
    expect([...found.keys()].filter((path) => /iommu_groups\/\d+\/type$/.test(path))).toHaveLength(groups)
    console.log(`${name}: ${found.size} files and links equal`)
  })

  it.skipIf(!present)(`show the same interrupts${present ? '' : ' (the capture is not here)'}`, async () => {
    const captured = await captureFiles(name)
    const tree = emulateMachine(description)
    const irqs = [...captured.keys()].flatMap((path) => /msi_irqs\/(\d+)$/.exec(path)?.[1] ?? [])
    expect(irqs.length).toBeGreaterThan(10)
    for (const irq of irqs) {
      for (const attribute of ['chip_name', 'hwirq', 'type', 'name', 'wakeup']) {
        const path = `sys/kernel/irq/${irq}/${attribute}`
        expect(shown(tree, path), path).toBe(captured.get(path))
      }
    }
    const shownLines = new Set(vectorLines(shown(tree, 'proc/interrupts') ?? ''))
    const expectedLines = vectorLines(captured.get('proc/interrupts') ?? '')
    for (const line of expectedLines) expect(shownLines).toContain(line)
    expect((shown(tree, 'proc/interrupts') ?? '').split('\n')[0]).toBe(
      (captured.get('proc/interrupts') ?? '').split('\n')[0],
    )
  })
})

describe('interrupt domains of debugfs', () => {
  const name = 'arm-v3its-smmu-dt-lab'
  const present = hasCapture(name)
  it.skipIf(!present)(`are those of a captured machine, counters apart${present ? '' : ' (not here)'}`, async () => {
    const captured = await captureFiles(name)
    const tree = emulateMachine({ ...armDeviceTree, kernel: { release: '7.2.13-lab-arm64', debugfs: true } })
    const uncounted = (text: string | undefined): string | undefined => text?.replaceAll(/mapped: \d+/g, 'mapped: N')
    const domains = [...captured.keys()].filter((path) => /irq\/domains\/(?:ITS-|:intc)/.test(path))
    expect(domains).toHaveLength(10)
    for (const path of domains) expect(uncounted(shown(tree, path)), path).toBe(uncounted(captured.get(path)))
  })
})

describe('what the kernel makes of a machine', () => {
  const base = {
    name: 'machine',
    architecture: 'arm64',
    firmware: 'acpi',
    kernel: { release: '6.12.0' },
    iommus: [{ name: 'smmu', type: 'smmuv3', address: '0x9050000' }],
    msiControllers: [{ name: 'its', type: 'its', address: '0x8080000' }],
    rootComplexes: [
      {
        iommu: 'smmu',
        msi: 'its',
        functions: [
          { address: '00:01.0', id: '8086:10d3', driver: 'e1000e', msix: 2 },
          { address: '00:02.0', id: '8086:10d3' },
        ],
      },
    ],
  } as const satisfies MachineDescription

  const link = (machine: MachineDescription, path: string): string | undefined => shown(emulateMachine(machine), path)
  const groupOf = (machine: MachineDescription, name: string): string | undefined =>
    link(machine, `sys/devices/pci0000:00/${name}/iommu_group`)
  const chipOf = (machine: MachineDescription): string | undefined => link(machine, 'sys/kernel/irq/50/chip_name')
  const on = (release: string): MachineDescription => ({ ...base, kernel: { release } })

  it('gives a function without driver its group at enumeration from 6.15 on', () => {
    expect(groupOf(on('6.14.9'), '0000:00:02.0')).toBeUndefined()
    expect(groupOf(on('6.15.0'), '0000:00:02.0')).toBe('-> ../../../kernel/iommu_groups/1')
    expect(groupOf(on('6.14.9'), '0000:00:01.0')).toBe('-> ../../../kernel/iommu_groups/0')
  })

  it('names interrupt chips as the release does', () => {
    expect(chipOf(on('6.10.1'))).toBe('ITS-MSI\n')
    expect(chipOf(on('6.11.0'))).toBe('ITS-PCI-MSIX-0000:00:01.0\n')
    expect(link(on('6.10.1'), 'sys/kernel/irq/51/hwirq')).toBe(`${(8 << 11) + 1}\n`)
    expect(link(on('6.11.0'), 'sys/kernel/irq/51/hwirq')).toBe('1\n')
    const controller = (type: 'gicv2m' | 'gicv3-mbi' | 'dwc' | 'gicv5-its'): MachineDescription => ({
      ...on('6.18.0'),
      msiControllers: [{ name: 'its', type, address: '0x8080000' }],
    })
    expect(chipOf(controller('gicv2m'))).toBe('GICv2m-PCI-MSIX-0000:00:01.0\n')
    expect(chipOf(controller('gicv3-mbi'))).toBe('MBI-PCI-MSIX-0000:00:01.0\n')
    expect(chipOf(controller('dwc'))).toBe('DW-PCI-MSIX-0000:00:01.0\n')
    expect(chipOf(controller('gicv5-its'))).toBe('ITS-v5-PCI-MSIX-0000:00:01.0\n')
    expect(chipOf({ ...controller('gicv2m'), kernel: { release: '6.6.0' } })).toBe('MSI\n')
  })

  it('leaves functions alone whose IOMMU has no driver, is disabled, or which no map covers', () => {
    const iommu = base.iommus[0]
    const deferred = { ...on('7.2.0'), iommus: [{ ...iommu, driver: false }] }
    expect(groupOf(deferred, '0000:00:01.0')).toBeUndefined()
    expect(link(deferred, 'sys/devices/pci0000:00/0000:00:01.0/driver')).toBeUndefined()
    const disabled = { ...on('7.2.0'), iommus: [{ ...iommu, enabled: false }] }
    expect(groupOf(disabled, '0000:00:01.0')).toBeUndefined()
    expect(link(disabled, 'sys/devices/pci0000:00/0000:00:01.0/driver')).toBeDefined()
    const uncovered: MachineDescription = {
      ...on('7.2.0'),
      rootComplexes: [{ ...base.rootComplexes[0], iommuMap: [{ from: 0x10, count: 8, to: 'smmu' }] }],
    }
    expect(groupOf(uncovered, '0000:00:01.0')).toBeUndefined()
    expect(groupOf(uncovered, '0000:00:02.0')).toBeDefined()
  })

  it('refuses the second function of an SMMUv3 with one StreamID', () => {
    const aliased: MachineDescription = {
      ...on('6.12.0'),
      rootComplexes: [
        {
          iommu: 'smmu',
          msi: 'its',
          functions: [
            {
              address: '00:03.0',
              id: '1b36:000e',
              type: 'pcie-to-pci-bridge',
              functions: [
                { address: '01:01.0', id: '8086:100e', type: 'conventional', driver: 'e1000' },
                { address: '01:02.0', id: '8086:100e', type: 'conventional', driver: 'e1000' },
              ],
            },
          ],
        },
      ],
    }
    const bridge = '0000:00:03.0'
    expect(groupOf(aliased, `${bridge}/0000:01:01.0`)).toBe('-> ../../../../kernel/iommu_groups/0')
    expect(groupOf(aliased, `${bridge}/0000:01:02.0`)).toBeUndefined()
  })

  it('shows nobody 64 bytes of configuration space, and neither tables nor log nor debugfs', () => {
    const tree = emulateMachine({ ...base, privilege: 'nobody', kernel: { release: '6.12.0', debugfs: true } })
    expect(shown(tree, 'sys/devices/pci0000:00/0000:00:01.0/config')).toHaveLength(64)
    expect(tree.get('sys/firmware/acpi/tables/IORT')).toEqual({ kind: 'file', content: 'permission' })
    expect(tree.get('var/log/dmesg')).toEqual({ kind: 'file', content: 'permission' })
    expect(tree.get('sys/kernel/debug')).toEqual({ kind: 'unreadable', reason: 'permission' })
    expect([...tree.keys()].some((path) => path.startsWith('sys/kernel/debug/'))).toBe(false)
  })

  it('makes VFs with their RequesterIDs, links and groups', () => {
    const sriov = { total: 7, enabled: 2, firstOffset: 128, stride: 2, device: '10ca', driver: 'igbvf', msix: 3 }
    const tree = emulateMachine({
      ...on('7.2.0'),
      rootComplexes: [
        {
          iommu: 'smmu',
          msi: 'its',
          functions: [
            {
              address: '00:0d.0',
              id: '1b36:000c',
              functions: [{ address: '01:00.0', id: '8086:10c9', driver: 'igb', sriov }],
            },
          ],
        },
      ],
    })
    const port = 'sys/devices/pci0000:00/0000:00:0d.0'
    expect(shown(tree, `${port}/0000:01:00.0/virtfn1`)).toBe('-> ../0000:01:10.2')
    expect(shown(tree, `${port}/0000:01:10.0/physfn`)).toBe('-> ../0000:01:00.0')
    expect(shown(tree, `${port}/0000:01:10.0/device`)).toBe('0x10ca\n')
    expect(shown(tree, `${port}/0000:01:10.2/config`)?.slice(0, 4)).toBe('\xff\xff\xff\xff')
    const groups = ['0000:01:00.0', '0000:01:10.0', '0000:01:10.2'].map((name) =>
      shown(tree, `${port}/${name}/iommu_group`),
    )
    expect(new Set(groups).size).toBe(3)
  })

  it('does the damage that faults ask for, through links', () => {
    const config = 'sys/bus/pci/devices/0000:00:01.0/config'
    const real = 'sys/devices/pci0000:00/0000:00:01.0/config'
    const faulty = (...faults: NonNullable<MachineDescription['faults']>): EmulatedTree =>
      emulateMachine({ ...base, faults })
    expect(faulty({ remove: config }).has(real)).toBe(false)
    expect(shown(faulty({ truncate: config, length: 3 }), real)).toHaveLength(3)
    expect(shown(faulty({ corrupt: config, offset: 0, bytes: 'abcd' }), real)?.slice(0, 2)).toBe('\xab\xcd')
    expect(faulty({ unreadable: config }).get(real)).toEqual({ kind: 'file', content: 'io' })
    expect(
      shown(faulty({ replace: 'sys/kernel/irq/50/chip_name', text: 'MSI\n' }), 'sys/kernel/irq/50/chip_name'),
    ).toBe('MSI\n')
    expect(
      shown(
        faulty({ retarget: 'sys/bus/pci/devices/0000:00:01.0', target: '../x' }),
        'sys/bus/pci/devices/0000:00:01.0',
      ),
    ).toBe('-> ../x')
    expect([...faulty({ remove: 'sys/kernel/irq' }).keys()].some((path) => path.startsWith('sys/kernel/irq'))).toBe(
      false,
    )
    expect(() => faulty({ remove: 'sys/nothing' })).toThrow('sys/nothing')
  })
})
