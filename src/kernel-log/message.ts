/** What a message is about, for grouping and for whom it concerns. */
export type MessageTopic = 'refusal' | 'interrupts' | 'translation' | 'groups' | 'virtualization' | 'machine'

/**
 * One wording of a message. What matches is what is kept of a line in a capture: its free parts are addresses, numbers and
 * names that the kernel gives. Where a line has other free parts, `kept` stands in its place, with `$1` for the first group.
 */
export interface Wording {
  readonly pattern: RegExp
  readonly kept?: string
}

/** A message that Linux prints about interrupts, IOMMUs or the refusal of a device, and what it means. */
export interface KernelLogMessage {
  readonly id: string
  readonly topic: MessageTopic
  /** Words, of letters, digits and `_`, one of which each of its lines holds: they are looked for before any pattern is. */
  readonly words: readonly string[]
  readonly wordings: readonly Wording[]
  /** What it means, and what follows; one or two sentences. */
  readonly says: string
  /** File and function that print it; for QEMU's the same. */
  readonly source: string
  /** Releases that print it so, where it is not all of them. */
  readonly releases?: string
}

const ADDRESS = '0x[0-9a-f]{1,16}'
/** Patterns of the names that the kernel gives, for wordings. */
export const NAMES = {
  address: ADDRESS,
  range: String.raw`\[mem ${ADDRESS}-${ADDRESS}\]`,
  function: String.raw`[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]`,
  /** A PCI function, or a platform device with its address. */
  device: String.raw`(?:[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]|[0-9a-f]{1,16}\.[a-z][a-z0-9_-]{0,31})`,
  smmu: String.raw`arm-smmu(?:-v3)? (?:[0-9a-f]{1,16}\.(?:smmuv3|smmu|iommu)|arm-smmu(?:-v3)?\.\d{1,3}\.auto)`,
} as const

/** A wording whose match is kept. */
export function wording(pattern: RegExp | string, kept?: string): Wording {
  const compiled = typeof pattern === 'string' ? new RegExp(pattern) : pattern
  return kept === undefined ? { pattern: compiled } : { pattern: compiled, kept }
}
