import { card, intel } from './metal.js'
import { release, type Vector, vtd } from './vector.js'
import { vmd, s390, otherArchitecture } from './vector-platforms.js'

/** See vector.ts. */
export const VECTORS_PLATFORMS: readonly Vector[] = [
  {
    id: 'S11',
    machine: intel({ kernel: release('4.9.0'), iommus: [{ ...vtd, interruptRemapping: false }] }),
    K: 'not',
    A: 'not',
  },
  { id: 'S24', machine: intel({ kernel: release('7.1.0') }), K: 'iso', A: 'iso' },
  { id: 'S25', machine: intel({ kernel: release('7.1.0', { commandLine: 'intremap=nosid' }) }), K: 'iso', A: 'not' },
  {
    id: 'S26',
    machine: intel({
      iommus: [
        { ...vtd, extendedCapability: 'f0105a' },
        { name: 'dmar1', type: 'vt-d', address: '0xfed91000', extendedCapability: 'f01052', interruptRemapping: false },
      ],
      acpi: {
        dmar: { flags: 1, structures: [{ type: 'drhd', flags: 1, segment: 0, base: '0xfed90000', scopes: [] }] },
      },
    }),
    K: 'not',
    A: 'not',
  },
  { id: 'S27', machine: intel({ iommus: [{ ...vtd, interruptRemapping: false }] }), K: 'not', A: 'not' },
  {
    id: 'S28',
    machine: intel({
      iommus: [{ ...vtd, interruptRemapping: false, extendedCapability: 'f020da' }],
      acpi: {
        dmar: { flags: 1, structures: [{ type: 'drhd', flags: 1, segment: 0, base: '0xfed90000', scopes: [] }] },
      },
      rootComplexes: [
        {
          iommu: 'dmar0',
          functions: [{ address: '00:00.0', id: '8086:3406', class: '060000', revision: 0x13 }, card(1)],
        },
      ],
    }),
    K: 'not',
    A: 'not',
  },
  { id: 'S29', device: '10000:e1:00.0', machine: vmd('8086:9a0b', 'VMD-PCI-MSIX-10000:e1:00.0'), K: 'not', A: 'unk' },
  { id: 'S30', device: '10000:e1:00.0', machine: vmd('8086:28c0', 'IR-PCI-MSIX-10000:e1:00.0'), K: 'iso', A: 'iso' },
  {
    id: 'S31',
    machine: intel({
      iommus: [
        { name: 'ivhd0', type: 'amd-vi', address: '0xfd200000', function: '00:00.2', interruptRemapping: false },
      ],
      rootComplexes: [
        {
          iommu: 'ivhd0',
          functions: [
            { address: '00:00.2', id: '1022:1481', class: '080600', type: 'rc-integrated-endpoint' },
            card(1),
          ],
        },
      ],
    }),
    K: 'not',
    A: 'not',
  },
  {
    id: 'S32',
    machine: {
      name: 'riscv',
      architecture: 'riscv64',
      firmware: 'devicetree',
      kernel: release('7.1.0'),
      iommus: [{ name: 'iommu', type: 'riscv', address: '0x3010000' }],
      msiControllers: [{ name: 'imsic', type: 'imsic', address: '0x28000000' }],
      rootComplexes: [{ iommu: 'iommu', msiParent: { to: 'imsic' }, msi: 'imsic', functions: [card(1)] }],
    },
    K: 'not',
    A: 'not',
  },
  { id: 'S33', device: '0000:00:00.0', ...s390('6.8.0'), K: 'iso', A: 'cav' },
  { id: 'S34', device: '0000:00:00.0', ...s390('5.15.0'), K: 'iso', A: 'cav' },
  {
    id: 'S35',
    ...otherArchitecture('6.8.0', 'processor\t: 0\ncpu\t\t: POWER9\nrevision\t: 2.2\n\n', 'CONFIG_PPC', 'PNV-PCI-MSI'),
    K: 'not',
    A: 'unk',
  },
  {
    // The vendor's kernel says isolated by a copied capability; no file shows its patch.
    id: 'S54',
    ...otherArchitecture(
      '5.4.0',
      'system type\t\t: generic-loongson-machine\n\nprocessor\t\t: 0\nCPU Family\t\t: Loongson-64bit\n\n',
      'CONFIG_LOONGARCH',
      'PCH PCI MSI',
    ),
    A: 'not',
  },
  {
    id: 'S62',
    machine: intel({
      kernel: release('6.12.0', { commandLine: 'intel_iommu=off' }),
      iommus: [{ ...vtd, driver: false }],
      rootComplexes: [{ iommu: 'dmar0', functions: [card(1, { group: null, chipName: 'IR-PCI-MSIX-0000:01:00.0' })] }],
    }),
    K: 'iso',
    A: 'not',
    gates: { vfioType1: 'refuses EINVAL' },
  },
  {
    id: 'S64',
    device: '0000:00:01.0',
    machine: intel({
      iommus: [{ name: 'ivhd0', type: 'amd-vi', address: '0xfd200000', function: '00:01.0' }],
      rootComplexes: [
        {
          iommu: 'ivhd0',
          functions: [
            { address: '00:01.0', id: '1022:1419', class: '080600', type: 'rc-integrated-endpoint' },
            card(2),
          ],
        },
      ],
    }),
    K: 'not',
    A: 'not',
  },
]
