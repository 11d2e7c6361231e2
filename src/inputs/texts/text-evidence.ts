import { TableDumpReader, type DumpDiagnostic } from '../../sysroot/table-dump-reader.js'
import { decodedText, evidenceLines, promptedCommand, type EvidenceLine } from '../../text/evidence-lines.js'
import { GroupList } from './group-list.js'
import { HardwareTable } from './hardware-table.js'
import { IommuClassList } from './iommu-class-list.js'
import { InterruptTable } from './interrupt-table.js'
import { KernelLogLines } from './kernel-log-lines.js'
import { CommandLineWords, ConfigurationLines } from './kernel-settings.js'
import type { LineReader } from './line-reader.js'
import { LspciListing } from './lspci-listing.js'
import { LspciTree } from './lspci-tree.js'
import { NodeDeviceXml } from './nodedev-xml.js'
import { PrintedParameters } from './printed-parameters.js'
import { SystemName } from './system-name.js'
import type { ToldMachine } from './told-machine.js'

/** One kind of text that was recognised, with what it gave. */
export interface RecognisedText {
  /** `lspci`, `dmesg`, `IOMMU groups`: as people call it. */
  readonly kind: string
  /** Lines of it; for a dump of tables the number of tables. */
  readonly lines: number
  /** Of these, lines that told something; functions or tables where those are counted. */
  readonly used: number
  readonly unit: 'lines' | 'functions' | 'groups' | 'tables'
}

/** Tables that only a dump of all of them has together. */
const OF_A_WHOLE_DUMP: readonly string[] = ['FACP', 'DSDT']

/**
 * The texts of one file, however many were pasted together: each line goes to the reader that is in the middle of
 * something, else to the first whose own it is. Linear in the text.
 */
export class TextEvidence {
  private readonly machine: ToldMachine
  private readonly file: string
  private readonly listing: LspciListing
  private readonly tree: LspciTree
  private readonly groups: GroupList
  private readonly iommus: IommuClassList
  private readonly log: KernelLogLines
  private readonly configuration: ConfigurationLines
  private readonly words: CommandLineWords
  private readonly name: SystemName
  private readonly tables: TableDumpReader
  private readonly interrupts: InterruptTable
  private readonly printed: PrintedParameters
  private readonly others: readonly LineReader[]
  private readonly readers: readonly LineReader[]
  private tableLine = 0
  private listed = 0

  constructor(machine: ToldMachine, file: string) {
    this.machine = machine
    this.file = file
    this.listing = new LspciListing(machine, file)
    this.tree = new LspciTree(machine, file)
    this.groups = new GroupList(machine, file, this.listing)
    this.iommus = new IommuClassList(machine, file)
    this.log = new KernelLogLines(machine, file)
    this.configuration = new ConfigurationLines(machine, file)
    this.words = new CommandLineWords(machine, file)
    this.name = new SystemName(machine, file)
    this.tables = new TableDumpReader(file, machine.budget)
    this.interrupts = new InterruptTable(machine, file)
    this.printed = new PrintedParameters(machine, file)
    this.others = [
      this.printed,
      new NodeDeviceXml(machine, file),
      new HardwareTable(machine, file),
      this.interrupts,
      this.name,
      this.words,
      this.configuration,
    ]
    // The listing takes whatever is indented below a function, the heading of another table too.
    this.readers = [this.groups, this.tree, ...this.others, this.listing, this.log]
  }

  /** Reads a whole file and gives what was recognised in it, nothing where nothing was. */
  read(bytes: Uint8Array): readonly RecognisedText[] {
    let last: EvidenceLine | undefined
    for (const line of evidenceLines(decodedText(bytes))) {
      last = line
      // Whoever reads it refuses the whole.
      if (this.machine.tooMany !== undefined) break
      if (line.text !== '') this.line(line)
      // Blanks at the very end may be the indentation of a line that was cut.
      else if (line.ended) for (const reader of this.readers) reader.blank()
    }
    this.tables.end()
    // A listing that was cut between two lines ends like a whole one.
    this.listing.end(false)
    for (const reader of this.readers) reader.end(last?.ended ?? true)
    this.log.finish()
    this.configuration.finish()
    this.keepTables()
    return this.recognised()
  }

  /** What was odd about dumps of tables. */
  get diagnostics(): readonly DumpDiagnostic[] {
    return this.tables.diagnostics
  }

  private line(line: EvidenceLine): void {
    if (this.iommus.isOpen && promptedCommand(line.text) === undefined) this.iommus.line(line.text)
    if (this.tables.line(line.text, line.offset)) {
      this.tableLine ||= line.number
      return
    }
    const open = this.readers.find((reader) => reader.isOpen && reader !== this.listing && reader !== this.log)
    if (open?.line(line)) return
    const before = this.listing.used
    for (const reader of this.readers) {
      if (reader === open || !reader.line(line)) continue
      // Rows of a dump look like those of interrupts: another text has begun.
      if (reader !== this.interrupts) this.interrupts.end()
      if (reader === this.listing) this.listed += this.listing.used - before
      return
    }
    const command = promptedCommand(line.text)
    if (command === undefined) {
      this.groups.other(line.text, line.number)
      return
    }
    for (const reader of this.readers) reader.end(true)
    this.words.command(command)
    this.name.command(command)
    this.groups.command(command, line.number)
    this.iommus.command(command, line.number)
    this.printed.command(command, line.number)
  }

  private keepTables(): void {
    const place = { file: this.file, line: this.tableLine }
    for (const table of this.tables.tables) this.machine.tables.push({ table, place })
    const signatures = this.tables.tables.map(({ signature }) => signature)
    const whole = this.tables.isWhole && OF_A_WHOLE_DUMP.every((signature) => signatures.includes(signature))
    this.machine.allTables ||= whole
  }

  private recognised(): readonly RecognisedText[] {
    const found: RecognisedText[] = []
    const add = (kind: string, lines: number, used: number, unit: RecognisedText['unit'], isOne = used > 0) => {
      if (isOne) found.push({ kind, lines, used, unit })
    }
    if (this.listed > 0) add('lspci', this.listing.used, this.listing.functions.size, 'functions')
    add('lspci -t', this.tree.used, this.tree.functions.size, 'functions')
    add('IOMMU groups', this.groups.used, this.groups.groups.size, 'groups', this.groups.isRecognised)
    add('driven IOMMUs', this.iommus.used, this.iommus.used, 'lines')
    add('dmesg', this.log.total, this.log.used, 'lines', this.log.isLog)
    for (const reader of this.others) add(reader.kind, reader.used, reader.used, 'lines')
    add('ACPI tables', this.tables.tables.length, this.tables.tables.length, 'tables')
    return found
  }
}
