import { parsePciAddress } from '../../machine/identifiers.js'
import { classOf, codeOf, functionLine, nameOfFields, wordsOf } from './lspci-function-line.js'
import type { EvidenceLine } from '../../text/evidence-lines.js'
import { LspciDump } from './lspci-dump.js'
import type { LineReader } from './line-reader.js'
import type { Place } from './told.js'
import type { ToldFunction, ToldMachine } from './told-machine.js'

const GROUP = /(?:^IOMMU group: |, IOMMU group )(\d{1,9})$/
const BUSES = /^Bus: primary=[0-9a-f]{2}, secondary=([0-9a-f]{2}), subordinate=([0-9a-f]{2})/
const DRIVER = /^Kernel driver in use: ([\w.:+-]{1,80})$/
const SUBSYSTEM = /\[([0-9a-f]{4}):([0-9a-f]{4})\]$/
const NODE = /^NUMA node: (\d{1,5})$/
/** Lines of -v and more about a function; others below it belong to it all the same. */
const ATTRIBUTE =
  /^(?:Subsystem|Kernel driver in use|Kernel modules|DeviceName|Control|Status|Flags|Latency|Interrupt|NUMA node|IOMMU group|Region|Memory at|I\/O ports at|Bus|I\/O behind bridge|Memory behind bridge|Prefetchable memory behind bridge|Expansion ROM|Capabilities|Secondary status|BridgeCtl|Physical Slot|DeviceName|!!!|BIST)\b/
/** Of these the configuration space is read. */
const VERBOSE =
  /^(?:Control|Status|Flags|Bus|Capabilities|Address|Vector table|PBA|ACSCap|ACSCtl|ARICap|ARICtl|ATSCap|ATSCtl|IOVCap|IOVCtl|Initial VFs|VF offset|PRICtl|PASIDCap|PASIDCtl):/
const MOST_VERBOSE = 200
/** What lspci and its library print on standard error among the listing. */
const NOISE = /^(?:pcilib|lspci): /

type State = {
  readonly kind: 'listing' | 'record'
  readonly fn: ToldFunction
  readonly place: Place
  readonly indent: number
}

/** The output of lspci in all its forms but the tree: function by function, with attributes and dumps, or as records. */
export class LspciListing implements LineReader {
  readonly kind = 'lspci'
  used = 0
  isOpen = false
  readonly functions = new Set<string>()
  private readonly machine: ToldMachine
  private readonly file: string
  private state: State | undefined
  private dump = new LspciDump()
  /** A blank line came behind the function. */
  private followed = false
  /** Blank lines stand within functions: they are no ends. */
  private isSpaced = false
  /** `Kernel modules`, the last line that lspci prints of a function, was read. */
  private hasLastLine = false
  private hasDriver = false
  /** What stood behind `Vendor:` of the record. */
  private vendorField = ''
  /** Lines that only -k and -v print were seen: then a missing driver is told. */
  private namesDrivers = false

  constructor(machine: ToldMachine, file: string) {
    this.machine = machine
    this.file = file
  }

  /** Whether attributes that come now are of a function. */
  get hasFunction(): boolean {
    return this.state !== undefined
  }

  line(line: EvidenceLine): boolean {
    const taken = this.take(line)
    if (taken) this.used++
    if (taken) this.isOpen = this.state !== undefined
    return taken
  }

  /** What follows may still be of the same function: mail and forums double blank lines. */
  blank(): void {
    this.isOpen = false
    this.followed = true
  }

  /** `whole` says that something follows that is no part of the listing; the end of a text may be where it was cut. */
  end(whole: boolean): void {
    this.finish(whole || this.hasLastLine || (this.followed && !this.isSpaced))
  }

  private take(line: EvidenceLine): boolean {
    const { text, indent, number } = line
    const place = { file: this.file, line: number }
    if (NOISE.test(text)) return this.state !== undefined
    if (this.state && this.dump.line(text)) return true
    const record =
      /^(Slot|Device|Class|Vendor|SVendor|SDevice|Rev|ProgIf|Driver|Module|NUMANode|IOMMUGroup|PhySlot|DTNode):[\t ] {0,12}(.*)$/.exec(
        text,
      )
    if (record && this.recordLine(record[1] ?? '', record[2] ?? '', place)) return true
    const first = functionLine(text)
    if (first) {
      this.finish(true)
      const fn = this.machine.function(first.address, place)
      if (!fn) return true
      this.functions.add(fn.name)
      for (const [word, value] of wordsOf(first)) this.machine.tell(fn, word, value, place)
      if (first.vendor !== undefined) this.machine.tell(fn, 'revision', first.revision, place)
      this.state = { kind: 'listing', fn, place, indent }
      return true
    }
    if (!this.state || this.state.kind === 'record') return false
    const { fn } = this.state
    const isAttribute = ATTRIBUTE.test(text)
    // The end of a text without a newline may be the middle of a word or number.
    if (!line.ended) return isAttribute || indent > this.state.indent
    if (isAttribute) {
      this.isSpaced ||= this.followed
      this.followed = false
      this.attribute(fn, text, place)
      return true
    }
    return indent > this.state.indent && this.detail(fn, text)
  }

  private attribute(fn: ToldFunction, text: string, place: Place): void {
    this.namesDrivers ||= /^(?:Subsystem|Kernel|Control|Flags)/.test(text)
    this.hasLastLine = text.startsWith('Kernel modules:')
    const group = GROUP.exec(text)
    if (group) this.machine.member(fn, group[1] ?? '', place, false)
    const driver = DRIVER.exec(text)
    if (driver) {
      this.hasDriver = true
      this.machine.tell(fn, 'driver', driver[1] ?? '', place)
    }
    const buses = BUSES.exec(text)
    if (buses) {
      this.machine.tell(fn, 'secondaryBus', buses[1] ?? '', place)
      this.machine.tell(fn, 'subordinateBus', buses[2] ?? '', place)
    }
    const subsystem = text.startsWith('Subsystem:') ? SUBSYSTEM.exec(text) : undefined
    if (subsystem) {
      this.machine.tell(fn, 'subsystemVendor', subsystem[1] ?? '', place)
      this.machine.tell(fn, 'subsystemDevice', subsystem[2] ?? '', place)
    }
    const node = NODE.exec(text)
    if (node) this.machine.tell(fn, 'numaNode', node[1] ?? '', place)
    if (fn.verbosePlace === undefined && /^(?:Control|Flags):/.test(text)) fn.verbosePlace = place
    this.detail(fn, text)
  }

  /** A line of detail; kept where the configuration space is read of it. */
  private detail(fn: ToldFunction, text: string): boolean {
    if (VERBOSE.test(text) && fn.verbose.length < MOST_VERBOSE) fn.verbose.push(text)
    return true
  }

  /** One line of a record of `-vmm`; the slot comes first. In `-vm` it is called Device, as the device itself is. */
  private recordLine(key: string, value: string, place: Place): boolean {
    const slot = key === 'Slot' || key === 'Device' ? parsePciAddress(value) : undefined
    if (slot) {
      this.finish(true)
      this.vendorField = ''
      const fn = this.machine.function(slot, place)
      if (!fn) return true
      this.functions.add(fn.name)
      this.state = { kind: 'record', fn, place, indent: 0 }
      return true
    }
    if (this.state?.kind !== 'record') return false
    const { fn } = this.state
    const tell = (word: Parameters<ToldMachine['tell']>[1], told: string | undefined) => {
      if (told !== undefined) this.machine.tell(fn, word, told, place)
    }
    switch (key) {
      case 'Class':
        tell('classCode', classOf(value))
        break
      case 'Vendor':
        tell('vendor', codeOf(value))
        this.vendorField = value
        if (codeOf(value) !== undefined && !fn.words.has('revision')) tell('revision', '00')
        break
      case 'Device':
        tell('device', codeOf(value))
        tell('name', nameOfFields(this.vendorField, value))
        break
      case 'SVendor':
        tell('subsystemVendor', codeOf(value))
        break
      case 'SDevice':
        tell('subsystemDevice', codeOf(value))
        break
      case 'Rev':
        if (/^[0-9a-f]{2}$/.test(value)) fn.words.set('revision', { value, place })
        break
      case 'Driver':
        this.hasDriver = true
        tell('driver', /^[\w.:+-]{1,80}$/.exec(value)?.[0])
        break
      case 'Module':
        this.namesDrivers = true
        break
      case 'NUMANode':
        tell('numaNode', /^\d{1,5}$/.exec(value)?.[0])
        break
      case 'IOMMUGroup':
        if (/^\d{1,9}$/.test(value)) this.machine.member(fn, value, place, false)
        break
      default:
    }
    return true
  }

  private finish(whole: boolean): void {
    const { state } = this
    if (state) {
      this.dump.keep(state.fn, state.place)
      if (whole && this.namesDrivers && !this.hasDriver) state.fn.driverless = state.place
      if (whole && state.fn.verbosePlace !== undefined) state.fn.verboseWhole = true
    }
    this.state = undefined
    this.isOpen = false
    this.followed = false
    this.hasLastLine = false
    this.dump = new LspciDump()
    this.hasDriver = false
    this.namesDrivers = false
  }
}
