import { Budget } from '../../budget/budget.js'
import { LIMITS } from '../../budget/limits.js'
import { formatPciAddress, type PciAddress } from '../../machine/identifiers.js'
import type { ExtractedTable } from '../../sysroot/table-dump-reader.js'
import { told, type Place, type Told } from './told.js'

/** Facts of a function that a listing gives as one word each. */
export type FunctionWord =
  | 'vendor'
  | 'device'
  | 'subsystemVendor'
  | 'subsystemDevice'
  | 'classCode'
  | 'revision'
  | 'driver'
  /** Number, or `none`. */
  | 'iommuGroup'
  | 'numaNode'
  /** Bus number below a bridge, in hexadecimal. */
  | 'secondaryBus'
  | 'subordinateBus'
  /** Name of the bridge above, or `none` on a root bus. */
  | 'bridgeAbove'
  /** As lspci calls it, vendor first. */
  | 'name'

/** What texts told of one function. */
export interface ToldFunction {
  readonly address: PciAddress
  readonly name: string
  readonly place: Place
  readonly words: Map<FunctionWord, Told<string>>
  /** Class as the kernel found it, before its quirks. */
  earlyClass?: { readonly value: string; readonly place: Place }
  /** A listing that names drivers was read to the end of this function and named none. */
  driverless?: Place
  /** Configuration space from a hexadecimal dump. */
  bytes?: Uint8Array | 'damaged'
  bytesPlace?: Place
  /** Lines of `lspci -v` about its configuration space. */
  readonly verbose: string[]
  verbosePlace?: Place
  /** The listing goes on behind the function: what it does not say of it is not there. */
  verboseWhole: boolean
}

/** What texts told of a group by its number. */
export interface ToldGroup {
  readonly members: Map<string, Place>
  readonly place: Place
  type?: Told<string>
  /** Members that the log shows an IOMMU's driver take in, and where. */
  readonly translated: Map<string, Place>
  /** A line about it was broken. */
  damaged: boolean
  /** Some text lists its members by itself; one that names the groups of the functions it shows may leave members out. */
  isListed: boolean
}

export interface ToldFile {
  readonly content: string | Uint8Array
  readonly place: Place
}

/** Most of anything that texts may tell; a machine has far fewer. */
const MOST_ROOT_BUSES = 4096

/** What a number of texts tell of one machine, before it becomes files. */
export class ToldMachine {
  readonly budget: Budget
  readonly functions = new Map<string, ToldFunction>()
  readonly groups = new Map<string, ToldGroup>()
  /** Whole files of the machine, by their path; a second, different one makes both unreadable. */
  readonly files = new Map<string, ToldFile | 'contradicted'>()
  /** What describes each root bus, by its address `0000:00`: `acpi`, or the path of its node in the device tree. */
  readonly rootBuses = new Map<string, Told<string>>()
  readonly tables: { readonly table: ExtractedTable; readonly place: Place }[] = []
  readonly logs: { readonly file: string; readonly lines: readonly string[]; readonly places: readonly Place[] }[] = []
  readonly options: { readonly options: readonly string[]; readonly place: Place }[] = []
  /** Releases that the titles of configurations name. */
  readonly configurationTitles: { readonly release: string; readonly place: Place }[] = []
  /** A text lists all groups that there are: functions without one in any text have none. */
  allGroups: Place | undefined
  /** A text lists the IOMMUs that are driven, and there is none. */
  noIommuDriven: Place | undefined
  /** An unbroken dump of all tables was among the texts. */
  allTables = false
  /** Signatures of all tables that kernels list in their logs, where a list was whole. */
  listedTables: { readonly signatures: ReadonlySet<string>; readonly place: Place } | undefined
  /** Of what more was told than machines have: no part of it would be a machine. */
  tooMany: 'functions' | 'groups' | undefined

  constructor(budget = new Budget()) {
    this.budget = budget
  }

  /** The function with that address; undefined where there are too many. */
  function(address: PciAddress, place: Place): ToldFunction | undefined {
    const name = formatPciAddress(address)
    const before = this.functions.get(name)
    if (before || this.isFull('functions')) return before
    const made: ToldFunction = { address, name, place, words: new Map(), verbose: [], verboseWhole: false }
    this.functions.set(name, made)
    return made
  }

  tell(fn: ToldFunction, word: FunctionWord, value: string, place: Place): void {
    fn.words.set(word, told(fn.words.get(word), value, place))
  }

  /** What listings call the functions, where they agree. */
  names(): ReadonlyMap<string, string> {
    return new Map(
      [...this.functions.values()].flatMap(({ name, words }) => {
        const known = words.get('name')
        return known === undefined || known.value === 'contradicted' ? [] : [[name, known.value] as const]
      }),
    )
  }

  group(id: string, place: Place): ToldGroup | undefined {
    const before = this.groups.get(id)
    if (before || this.isFull('groups')) return before
    const made: ToldGroup = { members: new Map(), translated: new Map(), place, damaged: false, isListed: false }
    this.groups.set(id, made)
    return made
  }

  /** A function is in a group; `isListed` says that the text lists the group and not the function. */
  member(fn: ToldFunction, id: string, place: Place, isListed: boolean): void {
    this.tell(fn, 'iommuGroup', id, place)
    const group = this.group(id, place)
    if (!group) return
    group.isListed ||= isListed
    if (!group.members.has(fn.name)) group.members.set(fn.name, place)
  }

  /** A root bus, with what describes it. */
  rootBus(address: string, description: string, place: Place): void {
    if (this.rootBuses.size < MOST_ROOT_BUSES || this.rootBuses.has(address))
      this.rootBuses.set(address, told(this.rootBuses.get(address), description, place))
  }

  /** A log lists all tables of its machine; of two logs the machine may have whatever either lists. */
  listTables(signatures: ReadonlySet<string>, place: Place): void {
    const before = this.listedTables
    this.listedTables = before
      ? { signatures: new Set([...before.signatures, ...signatures]), place: before.place }
      : { signatures, place }
  }

  file(path: string, content: string | Uint8Array, place: Place): void {
    const before = this.files.get(path)
    if (before === undefined) this.files.set(path, { content, place })
    else if (before !== 'contradicted' && !same(before.content, content)) this.files.set(path, 'contradicted')
  }

  /** A file that a later line of the same kind replaces. */
  replace(path: string, content: string, place: Place): void {
    const before = this.files.get(path)
    // The same boot says it twice; what another file says still contradicts.
    const sameFile = before !== undefined && before !== 'contradicted' && before.place.file === place.file
    if (sameFile) this.files.set(path, { content, place })
    else this.file(path, content, place)
  }

  /** The architecture, as `uname -m` names it. */
  architecture(name: string, place: Place): void {
    this.file('proc/sys/kernel/arch', `${name}\n`, place)
  }

  /** Lines of a kernel log. A log that is given twice, or in pieces, is one. */
  log(file: string, lines: readonly string[], places: readonly Place[]): void {
    const [first] = places
    if (first === undefined) return
    const before = this.logs.find((log) => log.file === file)
    if (!before) this.logs.push({ file, lines, places })
  }

  configuration(options: readonly string[], place: Place): void {
    this.options.push({ options, place })
  }

  private isFull(what: 'functions' | 'groups'): boolean {
    if (this[what].size < LIMITS[what]) return false
    this.tooMany = what
    return true
  }

  get isEmpty(): boolean {
    const { functions, groups, files, tables, logs, options, configurationTitles } = this
    const lists = [tables, logs, options, configurationTitles]
    if (this.allGroups !== undefined || this.noIommuDriven !== undefined) return false
    return functions.size + groups.size + files.size === 0 && lists.every(({ length }) => length === 0)
  }
}

function same(one: string | Uint8Array, other: string | Uint8Array): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other
  return Buffer.compare(one, other) === 0
}
