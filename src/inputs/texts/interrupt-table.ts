import type { EvidenceLine } from '../../text/evidence-lines.js'
import type { LineReader } from './line-reader.js'
import type { Place } from './told.js'
import type { ToldMachine } from './told-machine.js'

const HEADING = /^CPU\d{1,5}(?: {1,16}CPU\d{1,5})*$/
const NUMBERED = /^(\d{1,9}): {1,16}\d/
/** A row that somebody searched for, without the heading: counters, and a chip of those that matter here. */
const SEARCHED =
  /^\d{1,6}: {1,16}((?:\d{1,12} {1,12}){1,1024})(?:v?IR-)?(?:PCI-MSI|DMAR-MSI|IO-APIC|ITS-|GICv[235]|GIC-0|MBI-|IMSIC)/
/** Counts of the whole machine: `NMI:`, `IPI0:`, `Err:`. */
const NAMED = /^[A-Za-z]{2,6}\d{0,2}: {1,16}\d/
/** Controllers and counters that one architecture has. */
const ARCHITECTURES: readonly (readonly [RegExp, string])[] = [
  [/ (?:IR-)?IO-APIC |^(?:LOC|NMI|TRM): /, 'x86_64'],
  [/ GICv[2345] | GIC-0 /, 'aarch64'],
]
const REMAPPED = / v?IR-(?:IO-APIC|PCI-MSI)/
const BYPASSING = ' IO-APIC '
const MOST_LINES = 100_000

/** `/proc/interrupts`. A line with fewer counters than processors is broken: nothing can be said of it. */
export class InterruptTable implements LineReader {
  readonly kind = '/proc/interrupts'
  used = 0
  private readonly machine: ToldMachine
  private readonly file: string
  private place: Place | undefined
  private processors = 0
  private hasHeading = false
  private lines: string[] = []
  private architecture: string | undefined

  constructor(machine: ToldMachine, file: string) {
    this.machine = machine
    this.file = file
  }

  get isOpen(): boolean {
    return this.place !== undefined
  }

  line({ text, number }: EvidenceLine): boolean {
    if (HEADING.test(text.slice(0, 64 * 1024))) {
      this.end()
      this.place = { file: this.file, line: number }
      this.hasHeading = true
      this.processors = text.split(/ {1,16}/).length
      this.lines = [text]
      this.used++
      return true
    }
    if (this.place === undefined && !this.startsWithoutHeading(text, number)) return false
    const isNumbered = NUMBERED.test(text)
    if (!isNumbered && !NAMED.test(text)) return false
    this.used++
    this.architecture ??= ARCHITECTURES.find(([pattern]) => pattern.test(text))?.[1]
    if (isNumbered && this.lines.length < MOST_LINES && this.isWhole(text)) this.lines.push(text)
    return true
  }

  /** Rows alone have as many processors as they have counters. */
  private startsWithoutHeading(text: string, number: number): boolean {
    const counters = SEARCHED.exec(text.slice(0, 16 * 1024))?.[1]
    if (counters === undefined) return false
    this.place = { file: this.file, line: number }
    this.hasHeading = false
    this.processors = counters.trim().split(/ {1,12}/).length
    this.lines = [Array.from({ length: this.processors }, (_, cpu) => `CPU${cpu}`).join(' ')]
    return true
  }

  blank(): void {
    // Double spacing is no end: what is no line of the table is somebody else's anyway.
  }

  end(): void {
    if (this.place && this.lines.length > 1 && this.tells()) {
      this.machine.file('proc/interrupts', `${this.lines.join('\n')}\n`, this.place)
    }
    if (this.place && this.architecture !== undefined) this.machine.architecture(this.architecture, this.place)
    this.place = undefined
    this.lines = []
  }

  /**
   * Rows that were searched for show what is in them. That all interrupts of an x86 machine are remapped only all of them
   * show: one that is not may be among those that were left out.
   */
  private tells(): boolean {
    return (
      this.hasHeading ||
      !this.lines.some((line) => REMAPPED.test(line)) ||
      this.lines.some((line) => line.includes(BYPASSING))
    )
  }

  /** One number for each processor, and something behind them. */
  private isWhole(text: string): boolean {
    let at = text.indexOf(':') + 1
    for (let cpu = 0; cpu < this.processors; cpu++) {
      while (text.charCodeAt(at) === 0x20) at++
      const start = at
      while (text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39) at++
      if (at === start) return false
    }
    return text.slice(at).trim() !== ''
  }
}
