import { formatPciAddress, type PciAddress } from '../../machine/identifiers.js'
import type { EvidenceLine } from '../../text/evidence-lines.js'
import type { LineReader } from './line-reader.js'
import type { Place } from './told.js'
import type { ToldMachine } from './told-machine.js'

/** A bus whose functions stand one below the other. */
interface Branch {
  readonly column: number
  readonly segment: number
  readonly bus: number
  /** The bridge above, `none` for a root bus. */
  readonly bridge: string
}

const ROOT = /^[-+ |\\]{0,4}\[([0-9a-f]{4,8}):([0-9a-f]{2})\]/
const FUNCTION = /^([01][0-9a-f])\.([0-7])/
const BUSES = /^-\[([0-9a-f]{2})(?:-([0-9a-f]{2}))?\]/
const MOST_STEPS = 400

/** The output of `lspci -t`, with or without names: which bridge each function is behind. */
export class LspciTree implements LineReader {
  readonly kind = 'lspci -t'
  used = 0
  readonly functions = new Set<string>()
  private readonly machine: ToldMachine
  private readonly file: string
  private branches: Branch[] = []
  /** Blanks before the first line: pasted text may be indented. */
  private indent = 0

  constructor(machine: ToldMachine, file: string) {
    this.machine = machine
    this.file = file
  }

  get isOpen(): boolean {
    return this.branches.length > 0
  }

  line({ text, indent, number }: EvidenceLine): boolean {
    const place = { file: this.file, line: number }
    const root = ROOT.exec(text)
    if (root) {
      this.branches = []
      this.indent = indent
      const bus = {
        segment: Number.parseInt(root[1] ?? '', 16),
        bus: Number.parseInt(root[2] ?? '', 16),
        bridge: 'none',
      }
      this.walk(text, root[0].length, bus, place)
      this.used++
      return true
    }
    if (!this.isOpen || !/^[|+\\]/.test(text)) return false
    const column = text.search(/[+\\]/)
    const at = column + indent - this.indent
    const branch = this.branches.find((one) => one.column === at)
    if (column < 0 || !branch) return /^[| ]{1,200}$/.test(text)
    this.branches = this.branches.filter((one) => one.column <= at)
    this.walk(text, column, branch, place, indent - this.indent)
    this.used++
    return true
  }

  blank(): void {
    // A tree has none, posts may.
  }

  end(): void {
    this.branches = []
  }

  /** Follows one line to the right from `start`, from bus to bus. */
  private walk(
    text: string,
    start: number,
    on: { readonly segment: number; readonly bus: number; readonly bridge: string },
    place: Place,
    shift = 0,
  ): void {
    let { segment, bus, bridge } = on
    let at = start
    for (let step = 0; step < MOST_STEPS && at < text.length; step++) {
      // `-+-`, `--+-` or `\-`: the rest of the bus comes below the plus; `----` is a bus with one function.
      const from = at
      while (text[at] === '-') at++
      if (text[at] === '+' || text[at] === '\\') {
        if (text[at] === '+' && !this.branches.some(({ column }) => column === at + shift)) {
          this.branches.push({ column: at + shift, segment, bus, bridge })
        }
        at++
      } else if (at === from) return
      while (text[at] === '-') at++
      const found = FUNCTION.exec(text.slice(at, at + 8))
      if (!found) return
      at += found[0].length
      const address: PciAddress = {
        segment,
        bus,
        device: Number.parseInt(found[1] ?? '', 16),
        function: Number(found[2]),
      }
      const fn = this.machine.function(address, place)
      if (!fn) return
      this.functions.add(fn.name)
      this.machine.tell(fn, 'bridgeAbove', bridge, place)
      const below = BUSES.exec(text.slice(at, at + 16))
      if (!below) return
      this.machine.tell(fn, 'secondaryBus', below[1] ?? '', place)
      this.machine.tell(fn, 'subordinateBus', below[2] ?? below[1] ?? '', place)
      at += below[0].length
      bus = Number.parseInt(below[1] ?? '', 16)
      bridge = formatPciAddress(address)
    }
  }
}
