import type { OutcomeKind } from '../../../src/rules/rule.js'
import { arm, card, closed, IDLE, intel, text, tree, type TestCase } from './metal.js'
import { its, release, smmu, smmuV2, two, v2m, wiredSmmu } from './vector.js'
import { oneDeviceId, switched } from './vector-machines.js'
import { s390, vmd } from './vector-platforms.js'

type Files = Parameters<NonNullable<TestCase['edit']>>[0]

const close =
  (...paths: readonly string[]) =>
  (files: Files) => {
    for (const path of paths) files.set(path, closed)
  }
/** The same kernel with a configuration that leaves `option` out. */
const leaveOut = (option: string) => (files: Files) => {
  const path = 'boot/config-6.12.0'
  const entry = files.get(path)
  const content = entry?.kind === 'file' && typeof entry.content !== 'string' ? entry.content : new Uint8Array()
  const kept = new TextDecoder()
    .decode(content)
    .split('\n')
    .filter((line) => !line.startsWith(`${option}=`))
  files.set(path, text(`# ${option} is not set\n${kept.join('\n')}`))
}
const of = (machine: TestCase['machine'], edit?: TestCase['edit']): TestCase => (edit ? { machine, edit } : { machine })

const nothing = of(arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [] }] }))
const sound = of(arm())
const bare = of(intel({ iommus: [], rootComplexes: [{ functions: [card(1)] }] }))
const x86 = of(intel())
const asNobody = of(
  arm({ privilege: 'nobody', rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: two({}, {}) }] }),
)

const CARD = 'sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0'
const PORT = 'sys/devices/pci0000:00/0000:00:01.0'
const UNSAFE = 'vfio_iommu_type1.allow_unsafe_interrupts'
const NO_IOMMU_MODE = 'vfio.enable_unsafe_noiommu_mode'
const parameterFile = (name: string) => `sys/module/${name.replace('.', '/parameters/')}`

const commandLine = (words: string) => ({ kernel: release('6.12.0', { commandLine: words }) })
const logged = (line: string) => ({ kernel: release('6.12.0', { log: [line] }) })
const withoutFunctions = { rootComplexes: [{ iommu: 'dmar0', functions: [] }] }
const onePort = (more: Parameters<typeof card>[1]) =>
  arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, more)] }] })

/** For every rule of machine and devices, and every outcome that it declares, a machine that has it. */
export const RULE_MACHINES: Readonly<Record<string, Partial<Record<OutcomeKind, TestCase>>>> = {
  IR001: {
    pass: sound,
    fail: of(arm({ kernel: { parameters: { [UNSAFE]: 'Y' } } })),
    unknown: of(arm(), close(parameterFile(UNSAFE))),
    'not-applicable': nothing,
  },
  IR002: {
    pass: sound,
    fail: of(
      arm({
        ...commandLine('pcie_acs_override=downstream'),
        rootComplexes: [
          {
            iommu: 'smmu',
            msi: 'its',
            functions: [1, 2].map((bus) => ({
              ...card(bus, { group: bus }),
              address: `00:01.${bus - 1}`,
              acs: false,
              group: bus,
            })),
          },
        ],
      }),
    ),
    unknown: of(arm(), close('proc/cmdline')),
    'not-applicable': nothing,
  },
  IR003: {
    pass: sound,
    fail: of(arm({ dmi: { vendor: 'QEMU', product: 'KVM Virtual Machine' } })),
    unknown: of(arm(), close('sys/devices/virtual/dmi/id/sys_vendor')),
    'not-applicable': nothing,
  },
  IR004: {
    pass: x86,
    fail: of(intel(commandLine('intremap=nosid'))),
    unknown: of(intel(), close('proc/cmdline')),
    'not-applicable': sound,
  },
  IR005: {
    pass: sound,
    fail: of(arm({ iommus: [smmuV2], kernel: { parameters: { 'arm_smmu.disable_bypass': 'N' } } })),
    unknown: of(arm({ iommus: [smmuV2] }), close(parameterFile('arm_smmu.disable_bypass'))),
    'not-applicable': x86,
  },
  IR006: {
    pass: sound,
    fail: of(arm({ kernel: { parameters: { [NO_IOMMU_MODE]: 'Y' } } })),
    unknown: of(arm({ kernel: { parameters: { [NO_IOMMU_MODE]: 'N' } } }), close(parameterFile(NO_IOMMU_MODE))),
    'not-applicable': nothing,
  },
  IR007: {
    fail: s390('6.8.0'),
    unknown: of(arm(), close('proc/cpuinfo', 'boot/config-6.12.0')),
    'not-applicable': sound,
  },
  IR008: {
    pass: x86,
    fail: of(intel(logged('DMAR-IR: Compatibility-format IRQs enabled despite intr remapping;'))),
    unknown: of(intel(), close('var/log/dmesg')),
    'not-applicable': sound,
  },
  IR009: {
    pass: sound,
    fail: of(arm(), leaveOut('CONFIG_IOMMUFD')),
    'not-applicable': of(arm(), close('boot/config-6.12.0')),
  },
  IR010: {
    pass: of(intel(withoutFunctions)),
    fail: of(intel({ ...withoutFunctions, ...logged('DMAR-IR: Failed to enable irq remapping.') })),
    'not-applicable': x86,
  },
  IR101: {
    pass: sound,
    fail: of(oneDeviceId('smmu')),
    unknown: of(arm(), close(`${PORT}/config`)),
    'not-applicable': x86,
  },
  IR102: {
    pass: sound,
    fail: of(arm({ acpi: { header: { oemId: 'SNI', oemTableId: 'SYNQUACR' } } })),
    unknown: of(
      tree(),
      close(
        'sys/firmware/devicetree/base/interrupt-controller@8000000/msi-controller@8080000/socionext,synquacer-pre-its',
        // The boot blob would contradict it.
        'sys/firmware/fdt',
      ),
    ),
    'not-applicable': x86,
  },
  IR103: {
    pass: sound,
    fail: of(arm(commandLine('iommu.passthrough=1'))),
    unknown: of(arm(), close('sys/kernel/iommu_groups/0/type')),
    'not-applicable': bare,
  },
  IR104: {
    pass: sound,
    fail: of(onePort({ chipName: 'GICv2m-PCI-MSIX-0000:01:00.0' })),
    unknown: of(arm({ kernel: { configuration: { CONFIG_GENERIC_IRQ_DEBUGFS: 'y' } } }), (files) => {
      files.set('sys/kernel/debug', { kind: 'unreadable', reason: 'permission' })
    }),
    'not-applicable': nothing,
  },
  IR105: {
    pass: sound,
    fail: of(arm({ iommus: [], rootComplexes: [{ msi: 'its', functions: [card(1)] }] })),
    'not-applicable': nothing,
  },
  IR106: { pass: sound, fail: of(arm({ iommus: [{ ...smmu, driver: false }] })), 'not-applicable': nothing },
  IR107: {
    pass: sound,
    fail: of(arm({ rootComplexes: [{ iommu: 'smmu', functions: [card(1)] }] })),
    'not-applicable': nothing,
  },
  IR108: {
    pass: sound,
    fail: of(arm({ msiControllers: [v2m], rootComplexes: [{ iommu: 'smmu', msi: 'v2m', functions: [card(1)] }] })),
    'not-applicable': nothing,
  },
  IR109: { pass: sound, fail: asNobody, 'not-applicable': nothing },
  IR110: {
    pass: sound,
    fail: of(
      arm({
        rootComplexes: [{ iommu: 'smmu', msi: 'its', atsSupported: true, functions: [card(1, { ats: 'enabled' })] }],
      }),
    ),
    unknown: of(
      arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', atsSupported: true, functions: [card(1)] }] }),
      close(`${CARD}/config`),
    ),
    'not-applicable': bare,
  },
  IR111: {
    pass: sound,
    fail: of(arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [{ ...card(1), acs: false }, card(2)] }] })),
    unknown: asNobody,
    'not-applicable': of(
      arm({
        rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [{ address: '00:01.0', id: '8086:1572' }] }],
      }),
    ),
  },
  IR112: {
    pass: sound,
    fail: of(arm({ gic: { version: 3 }, msiControllers: [its, { ...v2m, usable: false }] })),
    'not-applicable': x86,
  },
  IR113: {
    pass: sound,
    fail: of(
      arm({
        rootComplexes: [0, 1].map((segment) => ({
          segment,
          iommuMap: [{ to: 'smmu', outputBase: segment * 0x10000 }],
          msi: 'its',
          functions: segment === 0 ? [card(1)] : [],
        })),
      }),
    ),
    unknown: asNobody,
    'not-applicable': x86,
  },
  IR114: {
    pass: sound,
    fail: of(
      arm({
        rootComplexes: [
          {
            iommuMap: [
              { from: 0, count: 0x200, to: 'smmu' },
              { from: 0x200, count: 0x100, to: 'smmu', outputBase: 0x1200 },
            ],
            msi: 'its',
            functions: two({}, {}),
          },
        ],
      }),
    ),
    unknown: of(arm(), close(`${PORT}/config`)),
    'not-applicable': x86,
  },
  IR115: {
    pass: sound,
    fail: of(
      arm({
        ...logged('GIC: enabling workaround for ITS: Cavium errata 22375, 24313'),
        rootComplexes: [{ iommu: 'smmu', msiMap: [{ to: 'its', outputBase: 0x14ff00 }], functions: [card(1)] }],
      }),
    ),
    unknown: of(arm(), close('var/log/dmesg')),
    'not-applicable': x86,
  },
  IR116: {
    pass: sound,
    fail: of(onePort({ id: '10ec:8168' })),
    unknown: of(arm(), close(`${CARD}/vendor`)),
    'not-applicable': nothing,
  },
  IR117: {
    pass: sound,
    fail: of(onePort({ id: '1b4b:9230', class: '010601' })),
    unknown: of(arm(), close(`${CARD}/vendor`)),
    'not-applicable': bare,
  },
  IR118: {
    pass: sound,
    fail: of(arm(logged('GIC: enabling workaround for ITS: Rockchip erratum RK3588001'))),
    unknown: of(arm(), close('var/log/dmesg')),
    'not-applicable': x86,
  },
  IR119: {
    pass: sound,
    fail: of(
      arm({
        iommus: [smmu],
        acpi: {
          iort: {
            nodes: [
              { type: 'its-group', name: 'its', itsIds: [0] },
              wiredSmmu([{ output: 'its' }]),
              { type: 'root-complex', segment: 0, mappings: [{ inputBase: 0x1000, ids: 0x1000, output: 'smmu' }] },
              { type: 'root-complex', segment: 0, mappings: [{ ids: 0x1000, output: 'smmu' }] },
            ],
          },
        },
        rootComplexes: [
          { iommuMap: [{ from: 0x1000, count: 0x1000, to: 'smmu' }], msi: 'its', functions: [card(1, {}, IDLE)] },
        ],
      }),
    ),
    'not-applicable': x86,
  },
  IR120: { fail: of(vmd('8086:9a0b', 'VMD-PCI-MSIX-10000:e1:00.0')), 'not-applicable': sound },
  IR121: {
    pass: sound,
    fail: of(arm({ rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [switched(0, undefined)] }] })),
    'not-applicable': bare,
  },
}
