/** An asked device or group is not on the machine. */
export class NotFoundError extends Error {
  readonly kind: 'device' | 'group'
  readonly asked: string
  /** What there is instead. */
  readonly available: readonly string[]

  constructor(kind: 'device' | 'group', asked: string, available: readonly string[]) {
    super(
      kind === 'device'
        ? `No PCI device ${asked} on this machine, and no IOMMU serves a platform device of that name.`
        : `No IOMMU group ${asked} on this machine.`,
    )
    this.name = 'NotFoundError'
    this.kind = kind
    this.asked = asked
    this.available = available
  }
}
