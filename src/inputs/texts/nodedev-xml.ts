import type { PciAddress } from '../../machine/identifiers.js'
import type { EvidenceLine } from '../../text/evidence-lines.js'
import type { LineReader } from './line-reader.js'
import type { FunctionWord, ToldFunction, ToldMachine } from './told-machine.js'

const NUMBER = /^<(domain|bus|slot|function)>(\d{1,6})<\/(?:domain|bus|slot|function)>$/
const CLASS = /^<class>0x([0-9a-f]{6})<\/class>$/
const ID = /^<(product|vendor) id=['"]0x([0-9a-f]{4})['"]/
const GROUP = /^<iommuGroup number=['"](\d{1,9})['"]\/?>$/
const ADDRESS =
  /^<address domain=['"]0x([0-9a-f]{1,8})['"] bus=['"]0x([0-9a-f]{1,2})['"] slot=['"]0x([0-9a-f]{1,2})['"] function=['"]0x([0-7])['"]\/>$/
const NUMA = /^<numa node=['"](\d{1,5})['"]\/>$/
const NAME = /^<name>([\w.:+-]{1,80})<\/name>$/
const TAG = /^<\/?[A-Za-z_][\w-]{0,40}(?:[ >/]|$)/

type Part = 'domain' | 'bus' | 'slot' | 'function'
const isPart = (text: string): text is Part => ['domain', 'bus', 'slot', 'function'].includes(text)

/** The output of `virsh nodedev-dumpxml`, one device after the other, a tag a line as libvirt writes it. */
export class NodeDeviceXml implements LineReader {
  readonly kind = 'virsh nodedev-dumpxml'
  used = 0
  isOpen = false
  private readonly machine: ToldMachine
  private readonly file: string
  private readonly parts = new Map<Part, number>()
  private readonly words: (readonly [FunctionWord, string])[] = []
  private fn: ToldFunction | undefined
  private inDriver = false
  private group: string | undefined

  constructor(machine: ToldMachine, file: string) {
    this.machine = machine
    this.file = file
  }

  line({ text, number }: EvidenceLine): boolean {
    if (text === '<device>') {
      this.end()
      this.isOpen = true
      this.used++
      return true
    }
    if (!this.isOpen || !TAG.test(text.slice(0, 60))) return false
    this.used++
    this.tag(text.slice(0, 400), number)
    if (text === '</device>') this.end()
    return true
  }

  blank(): void {
    // Nothing depends on them.
  }

  end(): void {
    // Members may have stood behind the place where the text was cut.
    const cut = this.group === undefined ? undefined : this.machine.groups.get(this.group)
    if (cut) cut.damaged = true
    this.isOpen = false
    this.parts.clear()
    this.words.length = 0
    this.fn = undefined
    this.inDriver = false
    this.group = undefined
  }

  private tag(text: string, number: number): void {
    const place = { file: this.file, line: number }
    if (text === '<driver>') this.inDriver = true
    if (text === '</driver>') this.inDriver = false
    if (text === '</iommuGroup>') this.group = undefined
    const part = NUMBER.exec(text)
    if (part && isPart(part[1] ?? '')) {
      const name = part[1] ?? ''
      if (isPart(name)) this.parts.set(name, Number(part[2]))
    }
    const classCode = CLASS.exec(text)
    if (classCode) this.words.push(['classCode', classCode[1] ?? ''])
    const id = ID.exec(text)
    if (id) this.words.push([id[1] === 'vendor' ? 'vendor' : 'device', id[2] ?? ''])
    const node = NUMA.exec(text)
    if (node) this.words.push(['numaNode', node[1] ?? ''])
    const name = this.inDriver ? NAME.exec(text) : null
    if (name) this.words.push(['driver', name[1] ?? ''])
    this.fn ??= this.found(number)
    if (this.fn) for (const [word, value] of this.words.splice(0)) this.machine.tell(this.fn, word, value, place)

    const group = GROUP.exec(text)
    if (group) {
      this.group = group[1] ?? ''
      if (this.fn) this.machine.member(this.fn, this.group, place, true)
    }
    const member = this.group === undefined ? null : ADDRESS.exec(text)
    if (!member || this.group === undefined) return
    const [segment = 0, bus = 0, device = 0, fn = 0] = member.slice(1).map((digits) => Number.parseInt(digits, 16))
    const other = device < 32 ? this.machine.function({ segment, bus, device, function: fn }, place) : undefined
    if (other) this.machine.member(other, this.group, place, true)
  }

  /** The function once its address is whole. */
  private found(line: number): ToldFunction | undefined {
    const [segment, bus, device, fn] = [
      this.parts.get('domain'),
      this.parts.get('bus'),
      this.parts.get('slot'),
      this.parts.get('function'),
    ]
    if (segment === undefined || bus === undefined || device === undefined || fn === undefined) return undefined
    if (bus > 255 || device > 31 || fn > 7) return undefined
    const address: PciAddress = { segment, bus, device, function: fn }
    return this.machine.function(address, { file: this.file, line })
  }
}
