import { formatPciAddress, parsePciAddress } from '../../machine/identifiers.js'
import type { EvidenceLine } from '../../text/evidence-lines.js'
import { leadingAddress } from './lspci-function-line.js'
import type { LspciListing } from './lspci-listing.js'
import type { LineReader } from './line-reader.js'
import type { Place } from './told.js'
import type { ToldMachine } from './told-machine.js'
import { deviceNames, LEFT_OUT, WholeGroupList } from './whole-group-list.js'

/** `IOMMU Group 1:`, `IOMMU group 1`, `Group: 1`, as the well-known shell loops print it. */
const HEADING = /^(?:[=#*-]{1,8} )?(?:IOMMU )?[Gg]roup ?[:#]? {0,4}(\d{1,9})\b ?:?/
/** What some loops close a heading with. */
const CLOSING = /^[=#*-]{1,8}$/
/** `tree /sys/kernel/iommu_groups`: a group's directory; its members follow as links. */
const TREE_TOP = /^\/?sys\/kernel\/iommu_groups\/?$/
const TREE_GROUP = /^(?:[\u251c\u2514]\u2500\u2500|[|`]--) (\d{1,9})$/
const LSPCI_GROUP = /^IOMMU group: \d{1,9}$/
/** The members of a group by their paths: `find`, `ls -d`, and `ls -l` of the links. */
const MEMBER_PATH = /\/?sys\/kernel\/iommu_groups\/(\d{1,9})\/devices\/([\w.:@+-]{1,100})(?: |$)/
const MEMBERS_DIRECTORY = /^\/?sys\/kernel\/iommu_groups\/(\d{1,9})\/devices\/?:$/
const GROUP_TYPE = /^\/?sys\/kernel\/iommu_groups\/(\d{1,9})\/type: ?([A-Za-z-]{1,20})$/
const LISTS_MEMBERS = /^(?:sudo )?ls (?:-\w{1,8} ){0,3}\/sys\/kernel\/iommu_groups\/(\d{1,9})\/devices\/?$/
/** `ls -l` of `iommu_group` links. */
const FUNCTION_LINK = /\/([0-9a-f:.]{12,18})\/iommu_group -> (?:\.\.\/){1,12}kernel\/iommu_groups\/(\d{1,9})$/
/** A member in the listing of a group's directory: `0000:00:01.0 -> ../..`, or several names in columns. */
const LISTED_LINK = /([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]) -> /
const NAMES = /^(?:[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7] {0,8})+$/
/** Characters with which such loops mark a member: arrows, branches, bullets. */
const BULLETS = '-*>|\u2192\u2514\u251c\u2500\u2502'
const LONGEST_MARK = 24

/** What such loops print before the address: an id, a mark for reset or boot display, bullets. */
function marksOf(text: string): string {
  let at = 0
  for (let marks = 0; marks < 8; marks++) {
    const end = text[at] === '[' ? text.slice(at, at + LONGEST_MARK).indexOf(']') : -1
    if (end > 0) at += end + 1
    else if (at < text.length && BULLETS.includes(text.charAt(at))) at++
    else break
    while (text[at] === ' ' || text[at] === '\t') at++
  }
  return text.slice(0, at)
}

/** Vendor and device among them. */
const ID = /^\[([0-9a-f]{4}):([0-9a-f]{4})\]/

interface OpenGroup {
  readonly id: string
  readonly indent: number
  /** Indentation of the first member on a line of its own. */
  memberIndent?: number
  members: number
}

/** Lists of IOMMU groups with their members, in the spellings of the shell loops that go round, of find and of ls. */
export class GroupList implements LineReader {
  readonly kind = 'IOMMU groups'
  used = 0
  readonly groups = new Set<string>()
  private readonly machine: ToldMachine
  private readonly file: string
  private readonly lspci: LspciListing
  private open: OpenGroup | undefined
  private directory: string | undefined
  private isTree = false
  private readonly whole: WholeGroupList
  /** The group that the line before told of. */
  private last: string | undefined
  /** Lines were left out before the next one. */
  private isCut = false

  constructor(machine: ToldMachine, file: string, listing: LspciListing) {
    this.machine = machine
    this.file = file
    this.lspci = listing
    this.whole = new WholeGroupList(machine, file)
  }

  get isOpen(): boolean {
    return this.open !== undefined || this.directory !== undefined
  }

  /** Something was told: of groups, or that there is none. */
  get isRecognised(): boolean {
    return this.used > 0 || this.machine.allGroups?.file === this.file
  }

  line(line: EvidenceLine): boolean {
    const taken = this.take(line, { file: this.file, line: line.number })
    if (taken) this.used++
    if (taken) this.whole.taken()
    return taken
  }

  /** A command was given at a prompt: what it prints follows. */
  command(command: string, line: number): void {
    this.whole.command(command, line)
    const members = LISTS_MEMBERS.exec(command)
    if (members) this.directory = members[1] ?? ''
  }

  /** A line of nobody's. */
  other(text: string, line: number): void {
    this.whole.other(text, line)
    if (!LEFT_OUT.test(text)) return
    if (this.last !== undefined) this.damage(this.last)
    this.isCut = true
  }

  blank(): void {
    this.whole.blank()
    this.last = undefined
    this.isCut = false
    if (this.open && this.open.members > 0) this.open = undefined
    this.directory = undefined
  }

  end(): void {
    this.open = undefined
    this.directory = undefined
    this.isTree = false
  }

  private take(line: EvidenceLine, place: Place): boolean {
    const { text } = line
    const path = MEMBER_PATH.exec(text)
    if (path) return this.named(path[1] ?? '', path[2] ?? '', place, true)
    const link = FUNCTION_LINK.exec(text)
    if (link) return this.named(link[2] ?? '', link[1] ?? '', place, false)
    const type = GROUP_TYPE.exec(text)
    if (type) {
      const group = this.machine.group(type[1] ?? '', place)
      if (group) group.type = { value: type[2] ?? '', place }
      this.groups.add(type[1] ?? '')
      return true
    }
    const directory = MEMBERS_DIRECTORY.exec(text)
    if (directory) {
      this.end()
      this.directory = directory[1] ?? ''
      return true
    }
    if (TREE_TOP.test(text)) {
      this.end()
      this.isTree = true
      return true
    }
    const branch = this.isTree ? TREE_GROUP.exec(text) : null
    if (branch) {
      this.directory = branch[1] ?? ''
      return true
    }
    if (this.directory !== undefined && this.listed(this.directory, text, place)) return true
    // lspci's own word for the group of the function above it.
    if (this.lspci.hasFunction && LSPCI_GROUP.test(text)) return false
    if (this.open && this.columns(this.open, text, place)) return true
    const heading = HEADING.exec(text)
    if (heading) return this.heading(heading[1] ?? '', text.slice(heading[0].length).trimStart(), line, place)
    return this.open !== undefined && this.member(this.open, line, place)
  }

  /** Members that are missing make what is there no group. */
  private damage(id: string): void {
    const group = this.machine.groups.get(id)
    if (group) group.damaged = true
  }

  private named(id: string, name: string, place: Place, isListed: boolean): boolean {
    this.groups.add(id)
    this.last = id
    const address = parsePciAddress(name)
    const fn = address && this.machine.function(address, place)
    if (fn) this.machine.member(fn, id, place, isListed)
    const group = address ? undefined : this.machine.group(id, place)
    if (group) {
      group.members.set(name, place)
      group.isListed ||= isListed
    }
    if (this.isCut) this.damage(id)
    this.isCut = false
    return true
  }

  /** Several members in one line below a heading, as `ls` shows them on a terminal. */
  private columns(open: OpenGroup, text: string, place: Place): boolean {
    const names = deviceNames(text)
    if (names.length < 2 || !names.some((name) => parsePciAddress(name))) return false
    for (const name of names) this.named(open.id, name, place, true)
    open.members++
    return true
  }

  /** What `ls` shows of a group's `devices` directory. */
  private listed(id: string, text: string, place: Place): boolean {
    if (/^total \d{1,9}$|^d[rwx-]{9}\S? .{1,80} \.{1,2}$/.test(text)) return true
    const link = LISTED_LINK.exec(text.slice(0, 400))
    if (link) return this.named(id, link[1] ?? '', place, true)
    if (!NAMES.test(text.slice(0, 1000))) return false
    for (const name of text.slice(0, 1000).split(' ')) if (name !== '') this.named(id, name, place, true)
    return true
  }

  private heading(id: string, rest: string, line: EvidenceLine, place: Place): boolean {
    const group = this.machine.group(id, place)
    this.groups.add(id)
    this.open = { id, indent: line.indent, members: 0 }
    this.last = id
    this.isCut = false
    if (rest === '' || CLOSING.test(rest) || !group) return true
    // The member stands in the heading's own line; more may follow below it.
    if (!this.tell(this.open, rest, line, place)) group.damaged = true
    return true
  }

  private member(open: OpenGroup, line: EvidenceLine, place: Place): boolean {
    const { indent, text } = line
    const start = leadingAddress(text.slice(marksOf(text).length))
    if (!start) return false
    const nested = indent > open.indent
    // Where members are not indented, a function that is in another group begins something else.
    const other = this.groupOf(text)
    const elsewhere = other !== undefined && other !== open.id
    if ((open.memberIndent ?? indent) !== indent || (!nested && elsewhere)) {
      this.open = undefined
      return false
    }
    open.memberIndent = indent
    return this.tell(open, text, line, place)
  }

  private groupOf(text: string): string | undefined {
    const address = leadingAddress(text.slice(marksOf(text).length))?.address
    return address && this.machine.functions.get(formatPciAddress(address))?.words.get('iommuGroup')?.value
  }

  private tell(open: OpenGroup, text: string, line: EvidenceLine, place: Place): boolean {
    const marks = marksOf(text)
    const shown = text.slice(marks.length)
    const start = leadingAddress(shown)
    const fn = start && this.machine.function(start.address, place)
    if (!fn) return false
    this.machine.member(fn, open.id, place, true)
    open.members++
    const ids = ID.exec(marks)
    if (ids) {
      this.machine.tell(fn, 'vendor', ids[1] ?? '', place)
      this.machine.tell(fn, 'device', ids[2] ?? '', place)
    }
    // The rest of the line is lspci's own, and so may be the lines below it.
    this.lspci.line({ ...line, text: shown })
    return true
  }
}
