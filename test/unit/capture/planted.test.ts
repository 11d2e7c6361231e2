import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { captureMachine } from '../../../src/capture/capture.js'
import { RedactingSysroot } from '../../../src/capture/redacting-sysroot.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildReport } from '../../../src/report/probe/build.js'
import type { TreeDescription } from '../../../src/sysroot/memory-entry.js'
import { ascii, beginNode, blobOf, END, END_NODE, joined, prop } from '../probes/devicetree/flat-tree.js'
import { link, NIC, PORT, SMALL_MACHINE, smallMachine } from '../probes/small-machine.js'

const SERIAL = 'SN4711XYZ0815'
const MAC = '52:54:00:ab:cd:ef'
const HOST = 'secrethost'
const NIC_DIRECTORY = `sys/devices/pci0000:00/${PORT}/${NIC}`
const BASE = 'sys/firmware/devicetree/base'
const encoder = new TextEncoder()

function bytesOf(path: string): Uint8Array {
  const entry = SMALL_MACHINE[path]
  if (!(entry instanceof Uint8Array)) throw new Error(`${path} has no bytes`)
  return entry.slice()
}

/** A device serial number, a vendor-specific capability and vital product data, with the serial in each. */
function configurationWithSerial(): Uint8Array {
  const bytes = bytesOf(`${NIC_DIRECTORY}/config`)
  // MSI-X at 0x70 is followed by vital product data at 0x80 and a vendor-specific capability at 0x90.
  bytes[0x71] = 0x80
  bytes.set([0x03, 0x90], 0x80)
  bytes.set(encoder.encode(SERIAL.slice(0, 12)), 0x82)
  bytes.set([0x09, 0x00, 0x20], 0x90)
  bytes.set(encoder.encode(SERIAL), 0xa0)
  // SR-IOV at 0x100 is followed by the serial number at 0x200 (id 3), whose body is the MAC address.
  new DataView(bytes.buffer).setUint32(0x100, 0x0010 | (1 << 16) | (0x200 << 20), true)
  new DataView(bytes.buffer).setUint32(0x200, 0x0003 | (1 << 16), true)
  bytes.set([0xef, 0xcd, 0xab, 0xff, 0xff, 0x00, 0x54, 0x52], 0x204)
  bytes.set(encoder.encode(SERIAL), 0x800)
  return bytes
}

const STRINGS = 'compatible\0model\0serial-number\0bootargs\0local-mac-address\0'
const nameOf = (property: string) => STRINGS.indexOf(property)

function treeBlob(): Uint8Array {
  const structure = joined(
    beginNode(''),
    prop(nameOf('compatible'), 'linux,dummy\0'),
    prop(nameOf('model'), `Board of ${HOST}\0`),
    prop(nameOf('serial-number'), `${SERIAL}\0`),
    beginNode('chosen'),
    prop(nameOf('bootargs'), `ip=::::${HOST} mac=${MAC}\0`),
    END_NODE,
    beginNode('ethernet@1000'),
    prop(nameOf('local-mac-address'), Uint8Array.from([0x52, 0x54, 0x00, 0xab, 0xcd, 0xef])),
    END_NODE,
    END_NODE,
    END,
  )
  return blobOf(structure, ascii(STRINGS))
}

const PLANTED: TreeDescription = {
  [`${NIC_DIRECTORY}/config`]: configurationWithSerial(),
  [`${NIC_DIRECTORY}/uevent`]: `DRIVER=igb\nPCI_CLASS=20000\nPCI_ID=8086:10C9\nPCI_SUBSYS_ID=1AF4:1100\nPCI_SLOT_NAME=${NIC}\nID_SERIAL=${SERIAL}\nMAC=${MAC}\nHOSTNAME=${HOST}\n`,
  [`${NIC_DIRECTORY}/net/${HOST}0/address`]: `${MAC}\n`,
  'proc/cmdline': `BOOT_IMAGE=/vmlinuz ip=10.0.0.1::::${HOST}:eth0 ${HOST} "dyndbg=${SERIAL} +p" intel_iommu=on,${HOST} pci=${MAC} iommu.passthrough=yes${HOST} systemd.machine_id=${SERIAL}\n`,
  'proc/version': `Linux version 6.12.95+deb12-arm64 (root@${HOST}) #1 SMP ${SERIAL}\n`,
  'proc/cpuinfo': `processor\t: 0\nFeatures\t: fp ${HOST}\nCPU implementer\t: 0x41\nSerial\t\t: ${SERIAL}\nModel\t\t: ${HOST}\n`,
  'proc/config.gz': gzipSync(
    `CONFIG_ARM64=y\nCONFIG_DEFAULT_HOSTNAME="${HOST}"\nCONFIG_CMDLINE="${SERIAL}"\nCONFIG_KVM="${HOST}"\n`,
  ),
  'proc/interrupts': [
    '           CPU0       CPU1       ',
    ` 10:       248211    22601984     GICv3  27 Level     ${HOST}`,
    ` 40:          1          0  ITS-PCI-MSIX-${NIC}   0 Edge      ${HOST}-eth0`,
    ` 41:          0    9871236  ITS-PCI-MSIX-${NIC}   1 Edge      ${MAC}`,
    '',
  ].join('\n'),
  'sys/class/dmi/id/sys_vendor': `Vendor ${HOST}\n`,
  'sys/class/dmi/id/product_name': `QEMU ${HOST} ${SERIAL}\n`,
  'sys/class/dmi/id/product_serial': `${SERIAL}\n`,
  'sys/class/dmi/id/board_serial': `${SERIAL}\n`,
  'etc/hostname': `${HOST}\n`,
  'proc/sys/kernel/hostname': `${HOST}\n`,
  'etc/modprobe.d/vfio.conf': `# ${HOST}\noptions vfio_iommu_type1 allow_unsafe_interrupts=yes_${HOST} comment=${SERIAL}\noptions bonding primary=${HOST}\n`,
  [`etc/modprobe.d/${HOST}.conf`]: `options snd index=0 # ${SERIAL}\n`,
  'usr/lib/modprobe.d': link(`../../home/${HOST}/modprobe.d`),
  [`home/${HOST}/modprobe.d/own.conf`]: `options iommufd allow_unsafe_interrupts=N # ${SERIAL}\n`,
  'var/log/dmesg': [
    `[    0.000000] Linux version 6.12.95 (root@${HOST})`,
    `[    0.000000] Kernel command line: vfio ${HOST}`,
    `[    0.1] DMI: QEMU virt ${HOST} ${SERIAL} ITS`,
    `[    0.2] ${HOST}: GICv3: 256 SPIs implemented`,
    `[    0.3] ITS [mem 0x08080000-0x0809ffff] ${SERIAL}`,
    `[    1.0] arm-smmu-v3 ${HOST}.smmuv3: oas 44-bit (features 0x1)`,
    `[    2.0] e1000e 0000:00:03.0 eth0: (PCI Express:2.5GT/s:Width x1) ${MAC} virt`,
    `[    3.0] usb 1-1: SerialNumber: ${SERIAL} IOMMU`,
    `[    4.0] pci ${NIC}: Adding to iommu group 10 ${HOST}`,
    '',
  ].join('\n'),
  'sys/kernel/iommu_groups/10/name': `${HOST}\n`,
  'sys/kernel/irq/40/actions': `${HOST}\n`,
  [`dev/mapper-${HOST}`]: '',
  'dev/vfio/vfio': '',
  [`dev/${HOST}-vg/root`]: '',
  [`sys/module/${HOST}_module/version`]: '1\n',
  [`${BASE}/name`]: '\0',
  [`${BASE}/compatible`]: 'linux,dummy\0',
  [`${BASE}/model`]: `Board of ${HOST}\0`,
  [`${BASE}/serial-number`]: `${SERIAL}\0`,
  [`${BASE}/chosen/name`]: 'chosen\0',
  [`${BASE}/chosen/bootargs`]: `ip=::::${HOST} mac=${MAC}\0`,
  [`${BASE}/ethernet@1000/name`]: 'ethernet\0',
  [`${BASE}/ethernet@1000/local-mac-address`]: Uint8Array.from([0x52, 0x54, 0x00, 0xab, 0xcd, 0xef]),
  'sys/firmware/fdt': treeBlob(),
  'sys/firmware/acpi/tables/APIC': `${SERIAL} is no table, and long enough to look like one\n`,
  'sys/firmware/acpi/tables/DSDT': SERIAL,
}

/** The same bytes in both orders, and the text. */
const SECRETS: readonly (readonly [string, Uint8Array])[] = [
  ['the serial number', encoder.encode(SERIAL)],
  ['part of the serial number', encoder.encode(SERIAL.slice(0, 8))],
  ['the serial number in upper case', encoder.encode(SERIAL.toUpperCase())],
  ['the MAC address', encoder.encode(MAC)],
  ['the bytes of the MAC address', Uint8Array.from([0x52, 0x54, 0x00, 0xab, 0xcd, 0xef])],
  ['the host name', encoder.encode(HOST)],
  ['a counter', encoder.encode('22601984')],
  ['another counter', encoder.encode('9871236')],
]

const found = (bundle: Uint8Array, secret: Uint8Array) => Buffer.from(bundle).indexOf(secret) >= 0

describe('what was planted', () => {
  const machine = smallMachine({ ...PLANTED, 'dev/nodes.txt': undefined })

  it.each(SECRETS)('of %s nothing is found in the bundle', async (_, secret) => {
    const bundle = gunzipSync(await captureMachine(machine, probeMachine).bundle())
    expect(bundle.length).toBeGreaterThan(10_000)
    expect(found(bundle, secret)).toBe(false)
  })

  it.each(SECRETS)('of %s nothing is found in the report', (_, secret) => {
    const report = JSON.stringify(buildReport(probeMachine(new RedactingSysroot(machine))))
    expect(found(encoder.encode(report), secret)).toBe(false)
  })

  it('is in the machine, where the search finds it', () => {
    const files = Object.values({ ...SMALL_MACHINE, ...PLANTED }).map((entry) =>
      typeof entry === 'string' ? encoder.encode(entry) : entry instanceof Uint8Array ? entry : new Uint8Array(),
    )
    const all = Buffer.concat(files)
    expect(SECRETS.filter(([, secret]) => !found(all, secret)).map(([name]) => name)).toEqual([])
  })

  it('leaves what decides', () => {
    const text = (path: string) => {
      const read = new RedactingSysroot(machine).text(path)
      return read.state === 'known' ? read.value : read.state
    }
    expect(text('proc/cmdline')).toBe(
      'redacted-1 redacted-2 redacted-3 redacted-4 intel_iommu=on,redacted pci=redacted iommu.passthrough=y redacted-5\n',
    )
    expect(text('proc/interrupts')).toBe(
      `CPU0\n10: 0 GICv3  27 Level\n40: 0 ITS-PCI-MSIX-${NIC}   0 Edge\n41: 0 ITS-PCI-MSIX-${NIC}   1 Edge\n`,
    )
    expect(text('var/log/dmesg')).toBe(
      `GICv3: 256 SPIs implemented\nITS [mem 0x08080000-0x0809ffff]\npci ${NIC}: Adding to iommu group 10\n`,
    )
    expect(text('etc/modprobe.d/vfio.conf')).toBe('options vfio_iommu_type1 allow_unsafe_interrupts=y\n')
    expect(text('sys/class/dmi/id/product_name')).toBe('QEMU\n')
    expect(text('proc/version')).toBe('Linux version 6.12.95+deb12-arm64 redacted\n')
    expect(text('proc/cpuinfo')).toBe('Features\t: \nCPU implementer\t: 0x41\n')
    expect(text('etc/hostname')).toBe('unreadable')
    expect(new RedactingSysroot(machine).list('etc/modprobe.d')).toEqual({ state: 'known', value: ['vfio.conf'] })
    expect(new RedactingSysroot(machine).list('dev')).toEqual({ state: 'known', value: ['vfio'] })
  })

  it('leaves the configuration space walkable', () => {
    const read = new RedactingSysroot(machine).bytes(`sys/bus/pci/devices/${NIC}/config`)
    if (read.state !== 'known') throw new Error('unreadable')
    const view = new DataView(read.value.buffer, read.value.byteOffset)
    expect([read.value[0x70], read.value[0x71], read.value[0x80], read.value[0x81], read.value[0x90]]).toEqual([
      0x11, 0x80, 0x03, 0x90, 0x09,
    ])
    expect(view.getUint32(0x100, true) >>> 20).toBe(0x200)
    expect(view.getUint16(0x200, true)).toBe(0x0003)
    expect([...read.value.subarray(0x204, 0x1000)].every((byte) => byte === 0)).toBe(true)
    const report = (sysroot: Parameters<typeof probeMachine>[0]) => probeMachine(sysroot).functions
    expect(report(new RedactingSysroot(smallMachine()))).toEqual(report(smallMachine()))
  })

  it('is gone at once: redacting again changes nothing', async () => {
    const once = new RedactingSysroot(machine)
    const twice = new RedactingSysroot(once)
    const bundle = await captureMachine(once, probeMachine).bundle()
    expect(await captureMachine(twice, probeMachine).bundle()).toEqual(bundle)
    expect(twice.redacted.size).toBe(0)
  })
})
