import type { EvidencePlace } from '../../machine/evidence-areas.js'
import type { Fact } from '../../machine/fact.js'
import type { Machine } from '../../machine/machine.js'

/** A kind of evidence: where it comes from, what it is for, and how much of it a machine shows. */
export interface EvidenceKind {
  readonly place: EvidencePlace
  readonly what: string
  readonly decides: boolean
  readonly tells: string
  readonly fact: (machine: Machine) => Fact<unknown>
  /** How much of it there is. */
  readonly extent: (machine: Machine) => string
  /** What brings it where this kernel or machine shows none; nothing where that is knowledge enough. */
  readonly missing?: string
}

function sizeOf(fact: Fact<readonly unknown[] | ReadonlySet<unknown> | ReadonlyMap<string, unknown>>): number {
  if (fact.state !== 'known') return 0
  return 'size' in fact.value ? fact.value.size : fact.value.length
}
/** `1 table`, `2 tables`. */
export const counted = (number: number, noun: string): string => `${number} ${number === 1 ? noun : `${noun}s`}`

/** Functions whose capabilities could be read; the first 64 bytes, which everybody may read, have none. */
function wholeSpaces(functions: Machine['functions']): string {
  if (functions.state !== 'known') return counted(0, 'function')
  const whole = functions.value.filter(
    ({ configuration }) => configuration.state === 'known' && configuration.value.acs.state !== 'unreadable',
  )
  return `${whole.length} of ${counted(functions.value.length, 'function')}`
}

/** All kinds, those that verdicts rest on first. */
export const EVIDENCE_KINDS: readonly EvidenceKind[] = [
  {
    place: 'pci-functions',
    what: 'PCI functions',
    decides: true,
    tells: 'which devices there are',
    fact: ({ functions }) => functions,
    extent: ({ functions }) => counted(sizeOf(functions), 'function'),
  },
  {
    place: 'configuration-space',
    what: 'configuration space',
    decides: true,
    tells: 'whether ports separate devices, and what a device sends as',
    fact: ({ functions }) => functions,
    extent: ({ functions }) => `whole, of ${wholeSpaces(functions)}`,
  },
  {
    place: 'acpi-tables',
    what: 'ACPI tables',
    decides: true,
    tells: 'which IOMMUs and interrupt controllers firmware describes',
    fact: ({ acpi }) => acpi.names,
    extent: ({ acpi }) => counted(sizeOf(acpi.names), 'table'),
  },
  {
    place: 'device-tree',
    what: 'device tree',
    decides: true,
    tells: 'which IOMMUs and interrupt controllers the tree describes',
    fact: ({ deviceTree }) => deviceTree,
    extent: ({ deviceTree }) => counted(deviceTree.state === 'known' ? deviceTree.value.byPath.size : 0, 'node'),
  },
  {
    place: 'iommu-groups',
    what: 'IOMMU groups',
    decides: true,
    tells: 'which devices can be handed out only together',
    fact: ({ groups }) => groups,
    extent: ({ groups }) => counted(sizeOf(groups), 'group'),
  },
  {
    place: 'iommu-class',
    what: 'IOMMUs that are driven',
    decides: true,
    tells: 'which IOMMU stands before a device now',
    fact: ({ iommus }) => iommus,
    extent: ({ iommus }) => counted(sizeOf(iommus), 'IOMMU'),
  },
  {
    place: 'interrupts',
    what: 'interrupts in use',
    decides: true,
    tells: 'which controller they go through now',
    fact: ({ interrupts }) => interrupts.procInterrupts,
    extent: ({ interrupts }) => `${counted(interrupts.byNumber.size, 'vector')} of PCI functions`,
  },
  {
    place: 'debugfs',
    what: 'interrupt domains',
    decides: false,
    tells: "the kernel's own flag of isolation, as a second witness",
    fact: ({ interrupts }) => interrupts.domains,
    extent: ({ interrupts }) => counted(sizeOf(interrupts.domains), 'domain'),
    missing: 'as root, mount debugfs at /sys/kernel/debug; the kernel needs CONFIG_GENERIC_IRQ_DEBUGFS',
  },
  {
    place: 'kernel-log',
    what: 'kernel log',
    decides: false,
    tells: 'what Linux brought up, and which workarounds it took',
    fact: ({ kernel }) => kernel.log,
    extent: ({ kernel }) => counted(sizeOf(kernel.log), 'telling line'),
    missing: 'give the lines of the start beside: journalctl -k -b > dmesg.txt',
  },
  {
    place: 'kernel-configuration',
    what: 'kernel configuration',
    decides: false,
    tells: 'which drivers this kernel was built with',
    fact: ({ kernel }) => kernel.configuration,
    extent: ({ kernel }) => counted(sizeOf(kernel.configuration), 'option'),
    missing: 'put it at /boot/config-RELEASE, or use a kernel with CONFIG_IKCONFIG_PROC',
  },
  {
    place: 'kernel-modules',
    what: 'modules and parameters',
    decides: false,
    tells: 'whether VFIO is there, and which overrides are on',
    fact: ({ kernel }) => kernel.loadedModules,
    extent: ({ kernel }) => counted(sizeOf(kernel.loadedModules), 'module'),
  },
  {
    place: 'modprobe-options',
    what: 'options of modprobe',
    decides: false,
    tells: 'where an override is set',
    fact: ({ kernel }) => kernel.modprobeOptions,
    extent: ({ kernel }) => counted(sizeOf(kernel.modprobeOptions), 'option'),
  },
  {
    place: 'device-nodes',
    what: 'device nodes of VFIO',
    decides: false,
    tells: 'which interfaces this kernel offers',
    fact: ({ kernel }) => kernel.deviceNodes,
    extent: ({ kernel }) => counted(sizeOf(kernel.deviceNodes), 'node'),
  },
  {
    place: 'other-files',
    what: 'other files',
    decides: false,
    tells: 'release, command line, processor, names of the machine',
    fact: ({ kernel }) => kernel.release,
    extent: ({ kernel }) => (kernel.release.state === 'known' ? `Linux ${kernel.release.value}` : 'no release'),
  },
]
