import type { Budget } from '../budget/budget.js'
import { ENTRY_BYTES, SINGLE } from '../budget/limits.js'
import { BundleError, hasControlCharacters, printable } from './bundle-error.js'
import { EntryTable } from './entry-table.js'
import { FileContents } from './file-contents.js'
import type { MemoryEntry } from './memory-entry.js'
import { NAME_BYTES, OrdinaryPaths, type Place } from './ordinary-path.js'
import { childOf, parentOf } from './path-walker.js'
import type { TarHeader } from './tar-header.js'
import type { PassedOver } from './types.js'

const NOTE_LIMIT = 100
const MALFORMED: MemoryEntry = { kind: 'unreadable', reason: 'malformed' }
const TOO_LARGE: MemoryEntry = { kind: 'file', content: 'too-large' }
const DIRECTORY: MemoryEntry = { kind: 'directory' }
/** The directory of a PCI function. */
const FUNCTION_DIRECTORY = /(?:^|\/)[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The names of an archive, judged one by one. A name that cannot be a path of the machine is passed over and noted; a
 * name that is a path but whose content cannot be trusted stays, unreadable, so that it is never taken for absent.
 */
export class BundleTree {
  private readonly archive: string
  private readonly budget: Budget
  private readonly entries = new EntryTable()
  private readonly contents = new FileContents()
  private readonly ordinary = new OrdinaryPaths()
  private readonly hardLinks: HardLink[] = []
  private readonly repeated: RepeatedFile[] = []
  private readonly written: PassedOver[] = []
  private notesLeftOut = 0

  constructor(archive: string, budget: Budget) {
    this.archive = archive
    this.budget = budget
  }

  /** What was passed over or distrusted, in the archive's order, without control characters. */
  notes(): readonly PassedOver[] {
    if (this.notesLeftOut === 0) return this.written
    return [...this.written, { path: '…', problem: `and ${this.notesLeftOut} more` }]
  }

  /** `path` as the archive has it; the empty string for the archive itself. */
  note(path: string, problem: string): void {
    if (this.written.length < NOTE_LIMIT) this.written.push({ path: printable(path), problem })
    else this.notesLeftOut += 1
  }

  /** Takes one entry; returns the bytes that its content is to fill, when it has content that is wanted. */
  add(entry: TarHeader): Uint8Array | undefined {
    const place = this.place(entry.name)
    if (place === undefined || place.name === '') return undefined
    switch (entry.type) {
      case '0':
      case '\0':
      case '7':
        // Archives before POSIX mark a directory by its final slash only.
        if (entry.name[entry.name.length - 1] === 0x2f) this.put(place, DIRECTORY)
        else return this.addFile(place, entry)
        return undefined
      case '1': {
        // Its own object, so that a name that comes again with something else is told from it.
        const placeholder: MemoryEntry = { ...MALFORMED }
        this.put(place, placeholder)
        const target = this.place(entry.linkName)
        this.hardLinks.push({ path: pathOf(place), placeholder, target: target && pathOf(target) })
        return undefined
      }
      case '2':
        this.put(place, this.symlink(place, entry.linkName))
        return undefined
      case '5':
        this.put(place, DIRECTORY)
        return undefined
      case '3':
      case '4':
      case '6':
        this.note(pathOf(place), 'a device node or FIFO; its name is kept, nothing else')
        this.put(place, MALFORMED)
        return undefined
      default:
        this.note(pathOf(place), `stored in a way that is not understood (type ${printable(entry.type)})`)
        this.put(place, MALFORMED)
        return undefined
    }
  }

  /** The names with hard links resolved and contradictions made unreadable. Every directory has an entry. */
  finish(): EntryTable {
    for (const { path, first, second } of this.repeated) {
      if (!sameEntry(first, second)) this.contradict(path, 'in the archive twice, with different content')
    }
    for (const { path, placeholder, target } of this.hardLinks) {
      const file = target === undefined ? undefined : this.entries.get(target)
      if (this.entries.get(path) !== placeholder) continue
      if (file?.kind === 'file') this.entries.set(path, file)
      else this.note(path, 'a hard link to something that is no file of the archive')
    }
    this.dropBelowNonDirectories()
    this.entries.imply(DIRECTORY)
    return this.entries
  }

  /** A name below a file or link: an archive unpacked on disk would write through it. Neither is believed. */
  private dropBelowNonDirectories(): void {
    /** Directories below none but directories. */
    const sound = new Set([''])
    for (const directory of this.entries.paths()) {
      const way: string[] = []
      let culprit: string | undefined
      for (let at = directory; !sound.has(at); at = parentOf(at)) {
        if ((this.entries.get(at) ?? DIRECTORY).kind !== 'directory') culprit = at
        way.push(at)
      }
      if (culprit === undefined) for (const at of way) sound.add(at)
      else {
        this.contradict(culprit, 'no directory, and yet the archive has names below it')
        this.entries.empty(directory)
      }
    }
  }

  private contradict(path: string, problem: string): void {
    if (this.entries.get(path) === MALFORMED) return
    this.note(path, problem)
    this.entries.set(path, MALFORMED)
  }

  private addFile(place: Place, entry: TarHeader): Uint8Array | undefined {
    if (entry.sparse) {
      this.note(pathOf(place), 'stored sparse, which is not supported')
      this.put(place, MALFORMED)
      return undefined
    }
    if (entry.size > SINGLE.fileBytes) {
      this.note(pathOf(place), `${entry.size} bytes; files above ${SINGLE.fileBytes} are not read`)
      this.put(place, TOO_LARGE)
      return undefined
    }
    this.keep(entry.size)
    const content = this.contents.place(entry.size)
    this.put(place, { kind: 'file', content })
    return content
  }

  private symlink(place: Place, raw: Uint8Array): MemoryEntry {
    const target = decodeStrictly(raw)
    if (target !== undefined && raw.length <= 4095 && !hasControlCharacters(target)) return { kind: 'symlink', target }
    this.note(pathOf(place), 'a link whose target is not a path')
    return MALFORMED
  }

  private put(place: Place, entry: MemoryEntry): void {
    const { directory, name } = place
    const before = this.entries.names(directory).get(name)
    if (before === undefined) {
      if (name === 'config' && FUNCTION_DIRECTORY.test(directory)) this.budget.allowFunction()
      this.keep(ENTRY_BYTES + directory.length + (directory === '' ? 0 : 1) + name.length)
      this.imply(directory)
      this.entries.open(directory).set(name, entry)
    }
    // The later content is not there yet: compared at the end.
    else if (before.kind === 'file' && entry.kind === 'file') {
      this.repeated.push({ path: pathOf(place), first: before, second: entry })
    } else if (!sameEntry(before, entry)) this.contradict(pathOf(place), 'in the archive twice, with different content')
  }

  /** Charges what is kept in memory. */
  private keep(bytes: number): void {
    if (!this.budget.take('memory', bytes)) this.refuse(`its files hold more than ${this.budget.limit('memory')} bytes`)
  }

  /** Charges the directories that a path implies: few deep names are many directories. */
  private imply(directory: string): void {
    for (let at = directory; at !== '' && !this.entries.has(at); at = parentOf(at)) {
      this.entries.open(at)
      this.keep(ENTRY_BYTES + at.length)
      if (!this.budget.take('entries'))
        this.refuse(`more than ${this.budget.limit('entries')} names, directories that its paths imply among them`)
    }
  }

  private refuse(problem: string): never {
    throw new BundleError(
      this.archive,
      problem,
      'Pass an archive of what the probes read; intremap capture writes one.',
    )
  }

  /** The path that a raw name stands for, with the empty name for the root; undefined, with a note, when it is none. */
  private place(raw: Uint8Array): Place | undefined {
    const ordinary = this.ordinary.place(raw)
    if (ordinary !== undefined) return ordinary
    const name = raw.length > SINGLE.pathBytes ? undefined : decodeStrictly(raw)
    const parts = name?.split('/').filter((part) => part !== '' && part !== '.')
    let problem: string | undefined
    if (raw.length > SINGLE.pathBytes) problem = `a name of ${raw.length} bytes`
    else if (name === undefined || parts === undefined) problem = 'a name that is not UTF-8'
    else if (hasControlCharacters(name)) problem = 'a name with control characters'
    else if (name.startsWith('/')) problem = 'an absolute name'
    else if (parts.includes('..')) problem = 'a name that leaves the archive'
    else if (parts.length > SINGLE.pathDepth) problem = `a name ${parts.length} directories deep`
    else if (parts.some((part) => Buffer.byteLength(part) > NAME_BYTES)) problem = 'a name too long for a file system'
    else return { directory: parts.slice(0, -1).join('/'), name: parts.at(-1) ?? '' }
    this.note(new TextDecoder().decode(raw.subarray(0, 512)), `${problem}; passed over`)
    return undefined
  }
}

const pathOf = ({ directory, name }: Place): string => childOf(directory, name)

interface HardLink {
  readonly path: string
  readonly placeholder: MemoryEntry
  readonly target: string | undefined
}

interface RepeatedFile {
  readonly path: string
  readonly first: MemoryEntry
  readonly second: MemoryEntry
}

function decodeStrictly(raw: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(raw)
  } catch {
    return undefined
  }
}

function sameEntry(one: MemoryEntry, other: MemoryEntry): boolean {
  if (one.kind === 'directory') return other.kind === 'directory'
  if (one.kind === 'symlink') return other.kind === 'symlink' && one.target === other.target
  if (one.kind !== 'file' || other.kind !== 'file') return false
  if (typeof one.content === 'string' || typeof other.content === 'string') return one.content === other.content
  return Buffer.compare(one.content, other.content) === 0
}
