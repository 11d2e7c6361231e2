import * as fc from 'fast-check'
import type {
  DeviceNode,
  FunctionDescription,
  IommuDescription,
  MachineDescription,
  MsiControllerDescription,
  RootComplexDescription,
} from '../../src/emulator/machine-description.js'
import { functionsOf, SLOTS } from './drawn-functions.js'
import { atLeast, mapsOf, ROUTINGS, type Drawn, type Parts } from './drawn-maps.js'

/**
 * Machines at random, sound in that firmware, kernel and interrupts tell one story (the emulator writes all three from
 * one description), and odd in everything that firmware may say. Ids and maps are chosen so that one description means
 * the same written as IORT and as a device tree: StreamIDs of an SMMU lead to DeviceIDs at one constant distance.
 */
export interface DrawOptions {
  readonly firmware?: 'acpi' | 'devicetree'
}

const RELEASES = [
  '4.9.0',
  '4.12.0',
  '4.19.0',
  '5.4.0',
  '5.10.0',
  '5.15.0',
  '6.1.0',
  '6.6.0',
  '6.8.0',
  '6.12.0',
  '6.15.0',
  '6.18.0',
  '7.1.0',
  '7.2.0',
] as const

const yes = (weight: number) => fc.integer({ min: 0, max: weight }).map((value) => value !== 0)
const rarely = (weight: number) => yes(weight).map((value) => !value)

const drawnComplex: fc.Arbitrary<Drawn> = fc.record({
  routing: fc.constantFrom(...ROUTINGS),
  slots: fc.array(fc.constantFrom(...SLOTS), { minLength: 1, maxLength: 3 }),
  ports: fc.boolean(),
  split: fc.integer({ min: 1, max: 4 }),
  ats: fc.boolean(),
})

const smmu = (index: number): fc.Arbitrary<IommuDescription> =>
  fc.record<IommuDescription>({
    name: fc.constant(`smmu${index}`),
    type: fc.constantFrom('smmuv3' as const, 'smmuv3' as const, 'smmuv2' as const),
    address: fc.constant(0x9050000 + index * 0x1000000),
    coherent: yes(4),
    driver: yes(9),
    enabled: yes(9),
  })

/** `its`: what an ITS machine has; others are GICv2m and MBI machines, which have nothing else. */
type MsiKind = 'its' | 'its-and-frame' | 'its-and-mbi' | 'two-its' | 'pre-its' | 'frames' | 'mbi' | 'none'

function msiControllers(kind: MsiKind, firmware: 'acpi' | 'devicetree'): readonly MsiControllerDescription[] {
  const its = (index: number): MsiControllerDescription => ({
    name: `its${index}`,
    type: 'its',
    address: 0x8080000 + index * 0x40000,
    id: index,
  })
  const frame: MsiControllerDescription = { name: 'v2m', type: 'gicv2m', address: 0x8020000, spiBase: 80, spiCount: 64 }
  switch (kind) {
    case 'its':
      return [its(0)]
    case 'its-and-frame':
      return [its(0), frame]
    case 'its-and-mbi':
      return firmware === 'devicetree' ? [its(0), { name: 'mbi', type: 'gicv3-mbi', address: 0x8000000 }] : [its(0)]
    case 'two-its':
      return [its(0), its(1)]
    case 'pre-its':
      return firmware === 'devicetree' ? [{ ...its(0), preIts: { base: 0x58000000, size: 0x1000000 } }] : [its(0)]
    case 'frames':
      return [frame]
    case 'mbi':
      return firmware === 'devicetree' ? [{ name: 'mbi', type: 'gicv3-mbi', address: 0x8000000 }] : [frame]
    case 'none':
      return []
  }
}

const KINDS: readonly MsiKind[] = [
  'its',
  'its',
  'its',
  'two-its',
  'two-its',
  'its-and-frame',
  'its-and-mbi',
  'pre-its',
  'frames',
  'mbi',
  'none',
]

interface DrawnKernel {
  readonly release: string
  readonly iommufd: boolean
  readonly override: boolean
  readonly bypass: boolean
  readonly noLpi: boolean
}

const kernel: fc.Arbitrary<DrawnKernel> = fc.record({
  release: fc.constantFrom(...RELEASES),
  iommufd: fc.boolean(),
  override: rarely(5),
  bypass: rarely(9),
  noLpi: rarely(24),
})

function kernelOf({ release, iommufd, override, bypass, noLpi }: DrawnKernel): MachineDescription['kernel'] {
  const nodes: readonly DeviceNode[] =
    iommufd && atLeast(release, 6, 2) ? ['dev/vfio/vfio', 'dev/iommu'] : ['dev/vfio/vfio']
  return {
    release,
    deviceNodes: nodes,
    commandLine: noLpi ? 'quiet irqchip.gicv3_nolpi=1' : 'quiet',
    parameters: {
      ...(override ? { 'vfio_iommu_type1.allow_unsafe_interrupts': 'Y' } : {}),
      ...(bypass ? { 'arm_smmu.disable_bypass': 'N' } : {}),
    },
  }
}

const SERVER = { vendor: 'Example', product: 'Server' }

/** Arm machines with either kind of firmware. */
export function armMachines(options: DrawOptions = {}): fc.Arbitrary<MachineDescription> {
  return fc
    .record({
      firmware: options.firmware === undefined ? fc.constantFrom('acpi', 'devicetree') : fc.constant(options.firmware),
      kernel,
      smmus: fc.tuple(smmu(0), smmu(1)),
      smmuCount: fc.constantFrom(0, 1, 1, 1, 2),
      kind: fc.constantFrom(...KINDS),
      complexes: fc.array(drawnComplex, { minLength: 1, maxLength: 3 }),
    })
    .map(({ firmware, kernel: drawnKernel, smmus, smmuCount, kind, complexes }): MachineDescription => {
      const iommus = smmus
        .slice(0, smmuCount)
        .map(({ enabled = true, ...rest }): IommuDescription =>
          firmware === 'devicetree' ? { ...rest, enabled } : rest,
        )
      // Under a GICv3 whose ITS works Linux takes no frame.
      const msi = msiControllers(kind, firmware).map((one) =>
        one.type === 'gicv2m' && kind === 'its-and-frame' ? { ...one, usable: drawnKernel.noLpi } : one,
      )
      const parts: Parts = { firmware, release: drawnKernel.release, iommus, msi }
      const drawnRoots = complexes.map((drawn, segment): RootComplexDescription => ({
        segment,
        ...mapsOf(segment, drawn, parts),
        atsSupported: drawn.ats,
        functions: functionsOf(drawn.slots, drawn.ports),
      }))
      const receiver = drawnRoots.some((root) => root.msi === 'receiver')
      return {
        name: 'drawn',
        architecture: 'arm64',
        firmware,
        dmi: SERVER,
        kernel: kernelOf(drawnKernel),
        iommus,
        msiControllers: receiver ? [...msi, { name: 'receiver', type: 'dwc' }] : msi,
        rootComplexes: drawnRoots,
      }
    })
}

/** Intel and AMD machines: one unit, remapping on, off by firmware, off by command line, or without source check. */
export function x86Machines(): fc.Arbitrary<MachineDescription> {
  return fc
    .record({
      kernel,
      unit: fc.constantFrom('vt-d', 'vt-d', 'amd-vi', 'none'),
      remapping: yes(3),
      words: fc.constantFrom('quiet', 'quiet', 'quiet intremap=off', 'quiet intremap=nosid', 'quiet nointremap'),
      driver: yes(6),
      drawn: drawnComplex,
    })
    .map(({ kernel: drawnKernel, unit, remapping, words, driver, drawn }): MachineDescription => {
      const iommu: IommuDescription | undefined =
        unit === 'none'
          ? undefined
          : {
              name: 'unit',
              type: unit,
              address: 0xfed90000,
              interruptRemapping: remapping,
              driver,
              ...(unit === 'amd-vi' ? { function: '00:1e.0' } : {}),
            }
      const own: FunctionDescription = {
        address: '00:1e.0',
        id: '1022:1419',
        class: '080600',
        type: 'rc-integrated-endpoint',
      }
      return {
        name: 'drawn',
        architecture: 'x86_64',
        firmware: 'acpi',
        dmi: SERVER,
        kernel: { ...kernelOf({ ...drawnKernel, noLpi: false, bypass: false }), commandLine: words },
        iommus: iommu ? [iommu] : [],
        rootComplexes: [
          {
            ...(iommu ? { iommu: 'unit' } : {}),
            functions: [...functionsOf(drawn.slots, drawn.ports), ...(unit === 'amd-vi' ? [own] : [])],
          },
        ],
      }
    })
}

/** RISC-V machines with an IMSIC, with and without an IOMMU. */
function riscvMachines(): fc.Arbitrary<MachineDescription> {
  return fc
    .record({ kernel, iommu: fc.boolean(), drawn: drawnComplex })
    .map(({ kernel: drawnKernel, iommu, drawn }): MachineDescription => ({
      name: 'drawn',
      architecture: 'riscv64',
      firmware: 'devicetree',
      kernel: { ...kernelOf({ ...drawnKernel, release: '7.2.0', noLpi: false, bypass: false }) },
      iommus: iommu ? [{ name: 'iommu', type: 'riscv', address: 0x10010000 }] : [],
      msiControllers: [{ name: 'imsic', type: 'imsic', address: 0x28000000 }],
      rootComplexes: [
        {
          ...(iommu ? { iommu: 'iommu' } : {}),
          msiParent: { to: 'imsic' },
          functions: functionsOf(drawn.slots, drawn.ports),
        },
      ],
    }))
}

/** Machines of every architecture, mostly Arm. */
export function anyMachine(): fc.Arbitrary<MachineDescription> {
  return fc.oneof(
    { arbitrary: armMachines(), weight: 8 },
    { arbitrary: x86Machines(), weight: 2 },
    { arbitrary: riscvMachines(), weight: 1 },
  )
}
