/** K: acpi_tb_print_table_header; up to 2.6.39 without `0x`. The FACS has no more than its length. */
const TABLE = /^ACPI: ([A-Z0-9_!]{4}) (?:0x)?[0-9A-Fa-f]{8,16} [0-9A-Fa-f]{5,8}(?: \(v\d|$)/
/** K: acpi_table_initrd_init: a table that the initial RAM disk brings is installed later. */
const UPGRADE = /^ACPI: Table Upgrade: /
/** Xen renames the DMAR before its control domain looks (xen/drivers/passthrough/vtd: acpi_dmar_zap). */
const ZAPPED = 'XMAR'
/** Without these the list is not one of a whole machine. */
const ALWAYS: readonly string[] = ['RSDP', 'FACP', 'DSDT', 'APIC']

/**
 * The ACPI tables that a kernel lists as it boots, one message each, in one run of messages that all begin with `ACPI`
 * (K: acpi_tb_parse_root_table). The list is whole where it begins with the RSDP, has what every machine has, and is seen
 * to end: one that a filter or a break made shorter says nothing of the tables that it lacks.
 */
export class AcpiTableList {
  private readonly signatures = new Set<string>()
  private state: 'before' | 'inside' | 'ended' | 'broken' = 'before'

  /** Takes one message of the log; true where it names a table. */
  message(text: string): boolean {
    if (UPGRADE.test(text)) this.state = 'broken'
    const signature = TABLE.exec(text)?.[1]
    if (signature === undefined) {
      if (this.state === 'inside' && !text.startsWith('ACPI')) this.state = 'ended'
      return false
    }
    if (this.state === 'before' && signature === 'RSDP') this.state = 'inside'
    else if (this.state !== 'inside' || signature === ZAPPED) this.state = 'broken'
    this.signatures.add(signature)
    return true
  }

  /** Something that is no message stands between two: lines may be missing there. */
  interrupted(): void {
    if (this.state === 'inside') this.state = 'broken'
  }

  /** The signatures of all tables of the machine; undefined where the list is not known to be whole. */
  whole(): ReadonlySet<string> | undefined {
    const isWhole = this.state === 'ended' && ALWAYS.every((signature) => this.signatures.has(signature))
    return isWhole ? this.signatures : undefined
  }
}
