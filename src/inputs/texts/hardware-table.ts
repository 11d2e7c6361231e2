import { parsePciAddress } from '../../machine/identifiers.js'
import type { EvidenceLine } from '../../text/evidence-lines.js'
import type { LineReader } from './line-reader.js'
import type { Place } from './told.js'
import type { FunctionWord, ToldMachine } from './told-machine.js'

const BAR = '\u2502'
const FRAME = /^[\u250c\u251c\u255e\u2514\u2500-\u257f]{4}/
const MOST_COLUMNS = 40
const MOST_CHARACTERS = 2000
/** Columns of the table that tell a number of the function. */
const NUMBERS: ReadonlyMap<string, FunctionWord> = new Map([
  ['class', 'classCode'],
  ['device', 'device'],
  ['vendor', 'vendor'],
  ['subsystem_device', 'subsystemDevice'],
  ['subsystem_vendor', 'subsystemVendor'],
])

const cellsOf = (text: string) =>
  text
    .slice(1, MOST_CHARACTERS)
    .split(BAR, MOST_COLUMNS)
    .map((cell) => cell.trim())

/** The table of `pvesh get /nodes/NODE/hardware/pci`: functions with their ids and groups, a row each. */
export class HardwareTable implements LineReader {
  readonly kind = 'pvesh hardware/pci'
  used = 0
  private readonly machine: ToldMachine
  private readonly file: string
  private columns: readonly string[] = []

  constructor(machine: ToldMachine, file: string) {
    this.machine = machine
    this.file = file
  }

  get isOpen(): boolean {
    return this.columns.length > 0
  }

  line({ text, number }: EvidenceLine): boolean {
    if (FRAME.test(text)) return this.isOpen
    if (!text.startsWith(BAR)) return false
    const cells = cellsOf(text)
    if (cells.includes('id') && cells.includes('iommugroup')) {
      this.columns = cells
      return true
    }
    // A row that was cut or wrapped has other cells than the heading.
    if (!this.isOpen || cells.length !== this.columns.length || !text.endsWith(BAR)) return false
    return this.row(cells, { file: this.file, line: number })
  }

  blank(): void {
    // Forums double blank lines.
  }

  end(): void {
    this.columns = []
  }

  private row(cells: readonly string[], place: Place): boolean {
    const cell = (name: string) => cells[this.columns.indexOf(name)] ?? ''
    const address = parsePciAddress(cell('id'))
    const fn = address && this.machine.function(address, place)
    if (!fn) return false
    this.used++
    for (const [name, word] of NUMBERS) {
      const digits = /^0x([0-9a-f]{4}|[0-9a-f]{6})$/.exec(cell(name))?.[1]
      if (digits !== undefined) this.machine.tell(fn, word, digits, place)
    }
    // -1 stands for none.
    const group = cell('iommugroup')
    if (/^\d{1,9}$/.test(group)) this.machine.member(fn, group, place, false)
    return true
  }
}
