import type { Report, UnreadReport } from '../../report/types.js'

type Area = UnreadReport['area']

/** What the areas of a machine are called, in the order in which they are told; of `firmware` the mask is told instead. */
export const AREA_WORDS: Record<Area, string> = {
  'acpi-tables': 'the ACPI tables',
  'device-tree': 'the device tree',
  'iommu-groups': 'the IOMMU groups',
  'iommu-class': 'the IOMMUs that are driven',
  'pci-functions': 'attributes of PCI functions',
  'configuration-space': 'configuration space',
  interrupts: 'the interrupts in use',
  'kernel-modules': 'the loaded modules and their parameters',
  'kernel-log': 'the kernel log',
  'kernel-configuration': "the kernel's configuration",
  'modprobe-options': 'the options of modprobe',
  'device-nodes': 'the device nodes of VFIO',
  debugfs: 'debugfs',
  firmware: 'firmware',
  'other-files': 'other files',
}

/** Areas without which nobody can tell what stands before a function. */
const DECIDING: readonly Area[] = ['acpi-tables', 'device-tree', 'iommu-groups', 'iommu-class']

/** The areas in words, each once; files that stand alone keep their path. */
export function areasInWords(unread: readonly UnreadReport[]): readonly string[] {
  const areas = new Set<string>(unread.map(({ area }) => area))
  const named = Object.entries(AREA_WORDS).flatMap(([area, words]) =>
    area !== 'firmware' && area !== 'other-files' && areas.has(area) ? [words] : [],
  )
  return [...named, ...unread.filter(({ area }) => area === 'other-files').map(({ source }) => source)]
}

/** How a file that decides came to be missing, where it is not for want of rights or by damage; a word of a column. */
export function howNotCollected({ unread }: Report): 'masked' | 'not collected' | undefined {
  const missed = new Set(unread.filter(({ reason }) => reason === 'not-collected').map(({ area }) => area))
  if (missed.has('firmware')) return 'masked'
  return DECIDING.some((area) => missed.has(area)) ? 'not collected' : undefined
}

/** The same as a clause about `it`. */
export function whyNotCollected(report: Report): string | undefined {
  switch (howNotCollected(report)) {
    case 'masked':
      return report.source.kind === 'live'
        ? 'what decides it is masked in this container'
        : 'what decides it is masked, as container runtimes do'
    case 'not collected': {
      const { nextPiece = 'none' } = report
      return nextPiece === 'none'
        ? 'what decides it was not collected'
        : `nobody gave ${nextPiece.what}, which would tell most`
    }
    case undefined:
      return undefined
  }
}

/**
 * What brings what was not collected. Only a mask leaves `/sys/firmware` there and empty: container runtimes lay an empty
 * directory over it, and over whatever is mounted at that place too, so that a mount helps elsewhere only.
 */
export function howToCollect(areas: readonly Area[], live: boolean): readonly string[] {
  if (!live) return ['Take a capture on the machine itself, with `intremap capture`, or add them to the copy.']
  if (!areas.includes('firmware'))
    return ['Run intremap outside of what hides them: a container, a chroot, a namespace.']
  return [
    "Masked in this container: /sys/firmware is empty here. Mount the host's files at another place (docker, podman, nerdctl: `-v /sys:/host/sys:ro -v /proc:/host/proc:ro -v /dev:/host/dev:ro`; Kubernetes: hostPath volumes of /sys, /proc and /dev below /host) and run `intremap probe --sysroot /host`.",
    'Or run without the mask: docker `--security-opt systempaths=unconfined` (with AppArmor also `--security-opt apparmor=unconfined`), podman `--security-opt unmask=/sys/firmware`, Kubernetes `securityContext.privileged`.',
  ]
}
