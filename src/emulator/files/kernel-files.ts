import type { MachineDescription } from '../machine-description.js'
import type { MachinePlan } from '../plan/planned-machine.js'
import { kernelLog } from './kernel-log.js'
import { atLeast } from '../plan/release.js'
import type { SysfsBuilder } from '../sysfs-builder.js'

const DEVICE_NODES: Readonly<Record<string, string>> = {
  'dev/vfio/vfio': 'chr 0666 10:196',
  'dev/iommu': 'chr 0660 10:256',
  'dev/kvm': 'chr 0666 10:232',
}

/** Release, command line, processors, build options, modules, device nodes and log of the running kernel. */
export function writeKernelFiles(plan: MachinePlan, builder: SysfsBuilder): void {
  const machine = plan.description
  const { kernel, dmi } = machine
  const { release } = kernel
  builder.file('proc/version', `Linux version ${release} (builder@localhost) (gcc 12.2.0, GNU ld 2.40) #1 SMP\n`)
  builder.file('proc/sys/kernel/osrelease', `${release}\n`).file('proc/sys/kernel/hostname', '(none)\n')
  builder.file('proc/cmdline', `${kernel.commandLine ?? ''}\n`)
  builder.file('proc/cpuinfo', processors(machine))
  builder.file(`boot/config-${release}`, buildOptions(machine))
  if (machine.firmware === 'none') writeWholeListings(machine, builder)
  writeDeviceNodes(machine, builder)
  writeModules(machine, builder)
  for (const [name, text] of Object.entries(kernel.modprobe ?? {})) builder.file(`etc/modprobe.d/${name}`, text)
  if (dmi) {
    builder.link('sys/class/dmi/id', 'sys/devices/virtual/dmi/id')
    builder.attributes('sys/devices/virtual/dmi/id', {
      sys_vendor: dmi.vendor,
      product_name: dmi.product,
      bios_vendor: dmi.biosVendor ?? dmi.vendor,
    })
  }
  if (kernel.log === false) return
  if (machine.privilege === 'nobody') builder.forbidden('var/log/dmesg')
  else builder.file('var/log/dmesg', kernelLog(plan))
}

/** What kernels always show, so that a machine without firmware tables or groups is one that was looked at, and has none. */
function writeWholeListings({ architecture }: MachineDescription, builder: SysfsBuilder): void {
  // K: drivers/firmware/memmap.c; arch/s390/kernel/ipl.c.
  if (architecture === 'x86_64')
    builder.attributes('sys/firmware/memmap/0', { start: '0x0', end: '0x9fbff', type: 'System RAM' })
  if (architecture === 's390x') builder.attributes('sys/firmware/ipl', { ipl_type: 'unknown' })
  // K: kernel/ksysfs.c; drivers/char/mem.c.
  builder.file('sys/kernel/uevent_seqnum', '1000\n').directory('sys/class/mem')
}

function hasNode(machine: MachineDescription, node: string): boolean {
  return (machine.kernel.deviceNodes ?? ['dev/vfio/vfio']).some((one) => one === node)
}

function writeDeviceNodes(machine: MachineDescription, builder: SysfsBuilder): void {
  const lines = [hasNode(machine, 'dev/vfio/vfio') ? 'dir 0755 - /dev/vfio' : 'absent - - /dev/vfio']
  for (const [node, kind] of Object.entries(DEVICE_NODES)) {
    const exists = hasNode(machine, node)
    lines.push(exists ? `${kind} /${node}` : `absent - - /${node}`)
    if (exists) builder.file(node, '')
  }
  builder.file('dev/nodes.txt', `${lines.join('\n')}\n`)
}

/** Parameters of the modules that such a machine has loaded, and those of the description. */
function writeModules(machine: MachineDescription, builder: SysfsBuilder): void {
  const parameters: Record<string, string> = {}
  if (hasNode(machine, 'dev/vfio/vfio')) parameters['vfio_iommu_type1.allow_unsafe_interrupts'] = 'N'
  if (hasNode(machine, 'dev/iommu')) parameters['iommufd.allow_unsafe_interrupts'] = 'N'
  if (machine.architecture === 'arm64') {
    parameters['arm_smmu.disable_bypass'] = 'Y'
    if (!atLeast(machine.kernel.release, 6, 9)) parameters['arm_smmu_v3.disable_bypass'] = 'Y'
  }
  for (const [key, value] of Object.entries({ ...parameters, ...machine.kernel.parameters })) {
    const [module = '', name = ''] = key.split('.')
    builder.file(`sys/module/${module}/parameters/${name}`, `${value}\n`)
  }
  if (hasNode(machine, 'dev/vfio/vfio')) {
    for (const module of ['vfio', 'vfio_pci', 'vfio_pci_core']) builder.directory(`sys/module/${module}`)
  }
}

function buildOptions(machine: MachineDescription): string {
  const iommufd = hasNode(machine, 'dev/iommu') ? 'm' : 'n'
  const options: Record<string, string> = {
    CONFIG_PCI_MSI: 'y',
    CONFIG_IOMMU_API: 'y',
    CONFIG_IOMMU_DEFAULT_PASSTHROUGH: 'n',
    CONFIG_IOMMUFD: iommufd,
    CONFIG_VFIO: 'm',
    CONFIG_VFIO_IOMMU_TYPE1: 'm',
    CONFIG_VFIO_PCI: 'm',
    CONFIG_VFIO_NOIOMMU: 'n',
    CONFIG_VIRTIO_IOMMU: 'm',
    ...architectureOptions(machine),
    ...machine.kernel.configuration,
  }
  return Object.entries(options)
    .map(([name, value]) => (value === 'n' ? `# ${name} is not set\n` : `${name}=${value}\n`))
    .join('')
}

function architectureOptions(machine: MachineDescription): Readonly<Record<string, string>> {
  switch (machine.architecture) {
    case 'arm64':
      return {
        CONFIG_ARM_GIC_V2M: 'y',
        CONFIG_ARM_GIC_V3: 'y',
        CONFIG_ARM_GIC_V3_ITS: 'y',
        CONFIG_ARM_SMMU: 'y',
        CONFIG_ARM_SMMU_DISABLE_BYPASS_BY_DEFAULT: 'y',
        CONFIG_ARM_SMMU_V3: 'y',
        CONFIG_SOCIONEXT_SYNQUACER_PREITS: machine.msiControllers?.some(({ preIts }) => preIts) ? 'y' : 'n',
      }
    case 'x86_64':
      return { CONFIG_IRQ_REMAP: 'y', CONFIG_INTEL_IOMMU: 'y', CONFIG_AMD_IOMMU: 'y' }
    case 'riscv64':
      return { CONFIG_RISCV_IOMMU: 'y', CONFIG_RISCV_IMSIC: 'y' }
    case 's390x':
      return { CONFIG_S390_IOMMU: 'y' }
  }
}

function processors(machine: MachineDescription): string {
  const each = (cpu: number): string => {
    switch (machine.architecture) {
      case 'arm64':
        return `processor\t: ${cpu}\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd evtstrm aes cpuid\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n\n`
      case 'x86_64':
        return `processor\t: ${cpu}\nvendor_id\t: ${machine.iommus?.some(({ type }) => type === 'amd-vi') ? 'AuthenticAMD' : 'GenuineIntel'}\nflags\t\t: fpu de pse tsc msr pae cx8 apic lm ${machine.msiControllers?.some(({ type }) => type === 'hyper-v') ? 'hypervisor ' : ''}x2apic\n\n`
      case 'riscv64':
        return `processor\t: ${cpu}\nhart\t\t: ${cpu}\nisa\t\t: rv64imafdc_smaia_ssaia\nmmu\t\t: sv48\n\n`
      case 's390x':
        return cpu === 0 ? 'vendor_id       : IBM/S390\n# processors    : 1\n' : ''
    }
  }
  return Array.from({ length: machine.cpus ?? 2 }, (_, cpu) => each(cpu)).join('')
}
