import { describe, expect, it } from 'vitest'
import type { MachineDescription } from '../../../src/emulator/machine-description.js'
import { relativeTarget, type TreeEntry } from '../../../src/emulator/sysfs-builder.js'
import { arm, card, IDLE, judged, link, text, tree } from './metal.js'
import { smmu } from './vector.js'

const CARD = '0000:01:00.0'
const PARAVIRTUAL = { name: 'viommu', type: 'virtio-iommu', function: '00:0f.0', driver: false } as const
const SMMU = { ...smmu, driver: false } as const
const GIVEN_UP = 'pcieport 0000:00:01.0: deferred probe timeout, ignoring dependency'

interface Kernel {
  readonly release: string
  readonly built?: Readonly<Record<string, string>>
  readonly lines?: readonly string[]
  readonly driver?: string
}

/** Gives the card a driver, as its link and its `uevent` show it. */
function drive(files: Map<string, TreeEntry>, driver: string): void {
  const directory = [...files.keys()].find((path) => path.startsWith('sys/devices/') && path.endsWith(`/${CARD}`))
  if (directory === undefined) throw new Error('no card')
  const target = `sys/bus/pci/drivers/${driver}`
  files.set(`${directory}/driver`, link(relativeTarget(`${directory}/driver`, target)))
  const uevent = files.get(`${directory}/uevent`)
  if (uevent?.kind !== 'file' || typeof uevent.content === 'string') throw new Error('no uevent')
  files.set(`${directory}/uevent`, text(`DRIVER=${driver}\n${new TextDecoder().decode(uevent.content)}`))
}

/** Verdict, reason, what the bind returns, and whether rule IR106 names the card; no driver runs `iommu`. */
function answerOf(make: typeof arm, iommu: typeof PARAVIRTUAL | typeof SMMU, kernel: Kernel) {
  const own = { address: '00:0f.0', id: '1af4:1057', group: null } as const
  const machine: MachineDescription = make({
    kernel: { release: kernel.release, configuration: kernel.built ?? {} },
    iommus: [iommu],
    rootComplexes: [
      {
        iommu: iommu.name,
        msi: 'its',
        functions: [...('function' in iommu ? [own] : []), { ...card(1, { group: null }, IDLE), group: null }],
      },
    ],
  })
  const { report } = judged({
    machine,
    edit: (files) => {
      files.set('var/log/dmesg', text((kernel.lines ?? []).map((line) => `<4>[    1.000000] ${line}\n`).join('')))
      if (kernel.driver !== undefined) drive(files, kernel.driver)
    },
  })
  const device = report.devices.find(({ address }) => address === CARD)
  if (!device) throw new Error('no card')
  const said = report.findings.some(({ rule, devices }) => rule === 'IR106' && devices.includes(CARD))
  const { outcome, errno } = device.kernel.vfioType1
  return [device.verdict, device.reason, outcome, errno, device.obstacles.map(({ code }) => code).join(), said]
}

const WAITS = ['not-isolated', 'iommu-not-probed', 'refuses', 'EAGAIN', 'probe-deferred', true]
const FAILS = ['not-isolated', 'iommu-not-probed', 'refuses', 'EINVAL', 'no-group', true]
/** The driver core told no error of a probe until then. */
const FAILED_BEFORE_5_14 = FAILS.with(3, 'ENODEV')

// K: viot_dev_iommu_init, iort_iommu_xlate and driver_deferred_probe_check_state. What each expects was seen with
// Debian's kernels 5.10, 6.1, 6.12 and 7.2, whose 5.10 and 6.1 are built without the driver of virtio-iommu.
describe('an IOMMU that firmware describes and no driver runs', () => {
  it.each<[string, Kernel, readonly unknown[]]>([
    ['waits for a module', { release: '6.12.0', built: { CONFIG_VIRTIO_IOMMU: 'm' } }, WAITS],
    ['does not wait for a driver that was not built', { release: '6.1.0', built: { CONFIG_VIRTIO_IOMMU: 'n' } }, FAILS],
    [
      'does not read the table before 5.14',
      { release: '5.13.0', built: { CONFIG_VIRTIO_IOMMU: 'm' } },
      FAILED_BEFORE_5_14,
    ],
    ['reads it from 5.14 on', { release: '5.14.0', built: { CONFIG_VIRTIO_IOMMU: 'm' } }, WAITS],
  ])('VIOT: %s', (_, kernel, expected) => {
    expect(answerOf(arm, PARAVIRTUAL, kernel)).toEqual(expected)
  })

  it.each<[string, Kernel, readonly unknown[]]>([
    ['waits', { release: '6.12.0', built: { CONFIG_ARM_SMMU_V3: 'y' } }, WAITS],
    ['does not wait for a driver that was not built', { release: '6.12.0', built: { CONFIG_ARM_SMMU_V3: 'n' } }, FAILS],
    ['waits where build options are not known', { release: '6.12.0' }, WAITS],
    ['does not wait once the kernel said so', { release: '7.2.0', lines: [GIVEN_UP] }, FAILS],
  ])('IORT: %s', (_, kernel, expected) => {
    expect(answerOf(arm, SMMU, kernel)).toEqual(expected)
  })

  it.each<[string, Kernel, readonly unknown[]]>([
    ['waits', { release: '6.12.0' }, WAITS],
    ['waits even for a driver that was not built', { release: '6.1.0', built: { CONFIG_ARM_SMMU_V3: 'n' } }, WAITS],
    ['does not wait once the kernel said so', { release: '6.1.0', lines: [GIVEN_UP] }, FAILS],
    [
      'waits where what timed out is no PCI function',
      { release: '6.1.0', lines: ['i2c 9050000.i2c: deferred probe timeout, ignoring dependency'] },
      WAITS,
    ],
    ['does not wait where a driver has the function', { release: '6.1.0', driver: 'vfio-pci' }, FAILS],
  ])('device tree: %s', (_, kernel, expected) => {
    expect(answerOf(tree, SMMU, kernel)).toEqual(expected)
  })
})
