import { parseKernelChoice, type KernelChoice } from './kernels.js'

/** A machine to boot. */
export interface Machine {
  readonly name: string
  readonly kernel: KernelChoice
  /** Debian 12's QEMU, or sid's. */
  readonly qemu: 'host' | 'sid'
  /** x86 with a BIOS, or Arm with UEFI and ACPI or with QEMU's device tree. */
  readonly firmware: 'acpi' | 'dt' | 'bios'
  /** Options of QEMU's machine. */
  readonly board: string
  /** Sets of devices.ts. */
  readonly devices: string
  /** Words for the kernel's command line; lab.NAME is for guest/init: lab.bound, lab.hotplug, lab.trace. */
  readonly words: string
  /** An edit of edits.ts of what the firmware describes. */
  readonly edit: string
  /** The bundled machine (scripts/captured-machines.mjs) that is made anew from this one's run, by its own name else. */
  readonly bundledAs: string
}

/**
 * One line is a machine, `-` is empty. Its first three are what .ci/run boots. 6.1 asks about the whole machine; 6.12 puts a
 * function into its group when a driver binds; 6.18 and later do so at enumeration. The own kernel has iommufd and the interrupt
 * domains in debugfs, which Debian leaves out.
 */
const TABLE = `
name                | kernel | QEMU | firmware | machine | devices | words | edit | bundled as
its-smmu-acpi-61    | 6.1  | host | acpi | gic-version=3,its=on,iommu=smmuv3  | few                 | - | -
v2m-smmu-acpi-61    | 6.1  | host | acpi | gic-version=2,iommu=smmuv3         | few                 | - | - | arm-v2m-smmu-acpi-61
its-smmu-dt-61      | 6.1  | host | dt   | gic-version=3,its=on,iommu=smmuv3  | few bridges         | - | -
noits-smmu-dt-61    | 6.1  | host | dt   | gic-version=3,its=off,iommu=smmuv3 | few-drivers         | - | -
its-disabled-dt-61  | 6.1  | host | dt   | gic-version=3,its=on,iommu=smmuv3  | few-drivers         | - | its-disabled
its-traced-61       | 6.1  | host | acpi | gic-version=3,its=on,iommu=smmuv3  | few-drivers         | lab.trace | -
its-smmu-acpi-510   | 5.10 | host | acpi | gic-version=3,its=on,iommu=smmuv3  | few bridges         | - | -
v2m-smmu-dt-510     | 5.10 | host | dt   | gic-version=2,iommu=smmuv3         | few                 | - | -
its-smmu-acpi-612   | 6.12 | host | acpi | gic-version=3,its=on,iommu=smmuv3  | few bridges second-behind | - | -
its-smmu-acpi-618   | 6.18 | sid  | acpi | gic-version=3,its=on,iommu=smmuv3  | few bridges virtual-functions | - | -
its-smmu-dt-618     | 6.18 | sid  | dt   | gic-version=3,its=on,iommu=smmuv3  | few bridges second-behind | - | -
its-smmu-acpi-72    | 7.2  | sid  | acpi | gic-version=3,its=on,iommu=smmuv3  | few virtual-functions | - | -
its-smmu-acpi-73    | 7.3  | sid  | acpi | gic-version=3,its=on,iommu=smmuv3  | few bridges         | - | -
gic5-smmu-dt-72     | 7.2  | sid  | dt   | gic-version=x-5,iommu=smmuv3       | few-drivers         | - | -
gic4-smmu-dt-612    | 6.12 | host | dt   | gic-version=4,virtualization=on,iommu=smmuv3 | few       | - | -
noits-smmu-acpi-612 | 6.12 | sid  | acpi | gic-version=3,its=off,iommu=smmuv3 | few-drivers         | - | -
its-none-acpi-612   | 6.12 | host | acpi | gic-version=3,its=on                | few                 | - | -
v2m-none-dt-72      | 7.2  | host | dt   | gic-version=2                       | few                 | - | -
its-viommu-acpi-612 | 6.12 | host | acpi | gic-version=3,its=on                | virtio-iommu few bridges | - | -
v2m-viommu-dt-72    | 7.2  | host | dt   | gic-version=2                       | virtio-iommu few    | - | -
its-expanders-612   | 6.12 | sid  | acpi | gic-version=3,its=on,iommu=smmuv3  | few-drivers expanders | - | -
its-expanders-72    | 7.2  | sid  | acpi | gic-version=3,its=on,iommu=smmuv3  | few-drivers expanders | - | -
its-bypass-bus-612  | 6.12 | host | acpi | gic-version=3,its=on,iommu=smmuv3,default_bus_bypass_iommu=on | few-drivers expanders | - | -
two-smmus-72        | 7.2  | sid  | acpi | gic-version=3,its=on               | few-drivers two-smmus | - | -
two-smmus-dt-612    | 6.12 | sid  | dt   | gic-version=3,its=on               | few-drivers two-smmus | - | -
cxl-72              | 7.2  | sid  | acpi | gic-version=3,its=on,iommu=smmuv3,cxl=on | few-drivers cxl | - | -
its-bound-72        | 7.2  | host | dt   | gic-version=3,its=on,iommu=smmuv3  | few                 | lab.bound | -
its-hotplug-612     | 6.12 | host | acpi | gic-version=3,its=on,iommu=smmuv3  | few port            | lab.hotplug | -
its-identity-612    | 6.12 | host | acpi | gic-version=3,its=on,iommu=smmuv3  | few                 | iommu.passthrough=1 | -
v2m-unsafe-612      | 6.12 | host | acpi | gic-version=2,iommu=smmuv3         | few                 | vfio_iommu_type1.allow_unsafe_interrupts=1 | -
segment-612         | 6.12 | host | dt   | gic-version=3,its=on,iommu=smmuv3  | few                 | - | segment-2
msi-map-partial-612 | 6.12 | host | dt   | gic-version=3,its=on,iommu=smmuv3  | patient             | - | msi-map-partial
iommu-map-partial-72 | 7.2 | host | dt   | gic-version=3,its=on,iommu=smmuv3  | patient             | - | iommu-map-partial
smmu-disabled-612   | 6.12 | host | dt   | gic-version=3,its=on,iommu=smmuv3  | few-drivers         | - | smmu-disabled
vt-d-612            | 6.12 | host | bios | - | vt-d few bridges second-behind   | intel_iommu=on | -
vt-d-pt-61          | 6.1  | host | bios | - | vt-d few                         | intel_iommu=on iommu=pt | -
vt-d-off-612        | 6.12 | host | bios | - | vt-d few                         | intel_iommu=on intremap=off | -
vt-d-nosid-72       | 7.2  | host | bios | - | vt-d few                         | intel_iommu=on intremap=nosid | -
vt-d-nopost-612     | 6.12 | host | bios | - | vt-d few                         | intel_iommu=on intremap=nopost | -
vt-d-plain-510      | 5.10 | host | bios | - | vt-d-without-remapping few       | intel_iommu=on | -
vt-d-expanders-612  | 6.12 | host | bios | - | vt-d few-drivers expanders       | intel_iommu=on | -
amd-vi-612          | 6.12 | sid  | bios | - | amd-vi-translating few           | - | - | x86-amd-ir-612
amd-vi-legacy-612   | 6.12 | sid  | bios | - | amd-vi-translating few           | amd_iommu_intr=legacy | -
amd-vi-vapic-72     | 7.2  | sid  | bios | - | amd-vi-translating few           | amd_iommu_intr=vapic | -
amd-vi-identity-61  | 6.1  | sid  | bios | - | amd-vi-translating few           | iommu=pt | -
x86-viommu-612      | 6.12 | host | bios | - | virtio-iommu few                 | - | - | x86-viommu-612
x86-none-73         | 7.3  | host | bios | - | few                              | - | -
own-its-smmu-acpi   | own-7.2 | sid  | acpi | gic-version=3,its=on,iommu=smmuv3 | few bridges second-behind virtual-functions | lab.trace | -
own-its-smmu-dt     | own-7.2 | sid  | dt   | gic-version=3,its=on,iommu=smmuv3 | few bridges             | - | -
own-its-none-acpi   | own-7.2 | sid  | acpi | gic-version=3,its=on               | few                     | - | -
own-v2m-smmu-dt     | own-7.2 | host | dt   | gic-version=2,iommu=smmuv3         | few                     | - | -
own-v2m-smmu-acpi   | own-7.2 | host | acpi | gic-version=2,iommu=smmuv3         | few                     | - | -
own-v2m-unsafe      | own-7.2 | host | acpi | gic-version=2,iommu=smmuv3         | few                     | iommufd.allow_unsafe_interrupts=1 | -
own-noits-smmu-dt   | own-7.2 | host | dt   | gic-version=3,its=off,iommu=smmuv3 | few-drivers             | - | -
own-gic5-smmu-dt    | own-7.2 | sid  | dt   | gic-version=x-5,iommu=smmuv3       | few-drivers             | - | -
own-viommu-acpi     | own-7.2 | sid  | acpi | gic-version=3,its=on               | virtio-iommu few bridges | - | -
own-vt-d            | own-7.2 | host | bios | - | vt-d few bridges second-behind   | intel_iommu=on lab.trace | -
own-vt-d-off        | own-7.2 | host | bios | - | vt-d few                         | intel_iommu=on intremap=off | -
own-vt-d-nosid      | own-7.2 | host | bios | - | vt-d few                         | intel_iommu=on intremap=nosid | -
own-amd-vi          | own-7.2 | sid  | bios | - | amd-vi-translating few           | - | -
`

const isQemu = (text: string): text is Machine['qemu'] => text === 'host' || text === 'sid'
const isFirmware = (text: string): text is Machine['firmware'] => ['acpi', 'dt', 'bios'].includes(text)

function machine(line: string): Machine {
  const cells = line.split('|').map((cell) => cell.trim().replace(/^-$/, ''))
  const [
    name = '',
    linux = '',
    qemu = '',
    firmware = '',
    board = '',
    devices = '',
    words = '',
    edit = '',
    bundledAs = name,
  ] = cells
  const kernel = parseKernelChoice(linux)
  if (!kernel || !isQemu(qemu) || !isFirmware(firmware)) throw new Error(`machines.ts: what is this: ${line}`)
  return { name, kernel, qemu, firmware, board, devices, words, edit, bundledAs }
}

export const MACHINES: readonly Machine[] = TABLE.trim().split('\n').slice(1).map(machine)
