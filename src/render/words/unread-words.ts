import type { Report } from '../../report/types.js'

/** What the areas of a machine are called, by the places under which the report names them. */
const AREA_WORDS: ReadonlyMap<string, string> = new Map([
  ['/sys/firmware/acpi/tables', 'the ACPI tables'],
  ['/sys/firmware/devicetree/base', 'the device tree'],
  ['/sys/kernel/iommu_groups', 'the IOMMU groups'],
  ['/sys/class/iommu', 'the IOMMUs that are driven'],
  ['/sys/bus/pci/devices', 'attributes of PCI functions'],
  ['/sys/bus/pci/devices/*/config', 'configuration space'],
  ['/sys/bus/pci/devices/*/msi_irqs', 'the interrupts in use'],
  ['/sys/module', 'the loaded modules and their parameters'],
  ['/var/log/dmesg', 'the kernel log'],
  ['/proc/config.gz', "the kernel's configuration"],
  ['/etc/modprobe.d', 'the options of modprobe'],
  ['/dev', 'the device nodes of VFIO'],
])

/** The empty directory over the firmware's areas, as container runtimes lay it; named where it was found. */
const MASK = '/sys/firmware'

/** Areas without which nobody can tell what stands before a function. */
const DECIDING = [
  '/sys/firmware/acpi/tables',
  '/sys/firmware/devicetree/base',
  '/sys/kernel/iommu_groups',
  '/sys/class/iommu',
]

/** The places in words, each once, in the order of the areas above; files that stand alone keep their path. */
export function areasInWords(sources: readonly string[]): readonly string[] {
  const named = [...AREA_WORDS].flatMap(([source, words]) => (sources.includes(source) ? [words] : []))
  return [...named, ...sources.filter((source) => !AREA_WORDS.has(source) && source !== MASK)]
}

/** How a file that decides came to be missing, where it is not for want of rights or by damage; a word of a column. */
export function howNotCollected({ unread }: Report): 'masked' | 'not collected' | undefined {
  const missed = unread.filter(({ reason }) => reason === 'not-collected').map(({ source }) => source)
  if (missed.includes(MASK)) return 'masked'
  return DECIDING.some((source) => missed.includes(source)) ? 'not collected' : undefined
}

/** The same as a clause about `it`. */
export function whyNotCollected(report: Report): string | undefined {
  switch (howNotCollected(report)) {
    case 'masked':
      return report.source.kind === 'live'
        ? 'what decides it is masked in this container'
        : 'what decides it is masked, as container runtimes do'
    case 'not collected':
      return 'what decides it was not collected'
    case undefined:
      return undefined
  }
}

/**
 * What brings what was not collected. Only a mask leaves `/sys/firmware` there and empty: container runtimes lay an empty
 * directory over it, and over whatever is mounted at that place too, so that a mount helps elsewhere only.
 */
export function howToCollect(sources: readonly string[], live: boolean): readonly string[] {
  if (!live) return ['Take a capture on the machine itself, with `intremap capture`, or add them to the copy.']
  if (!sources.includes(MASK)) return ['Run intremap outside of what hides them: a container, a chroot, a namespace.']
  return [
    "Masked in this container: /sys/firmware is empty here. Mount the host's files at another place (docker, podman, nerdctl: `-v /sys:/host/sys:ro -v /proc:/host/proc:ro -v /dev:/host/dev:ro`; Kubernetes: hostPath volumes of /sys, /proc and /dev below /host) and run `intremap probe --sysroot /host`.",
    'Or run without the mask: docker `--security-opt systempaths=unconfined` (with AppArmor also `--security-opt apparmor=unconfined`), podman `--security-opt unmask=/sys/firmware`, Kubernetes `securityContext.privileged`.',
  ]
}
