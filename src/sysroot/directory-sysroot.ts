import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { Budget } from '../budget/budget.js'
import { SINGLE } from '../budget/limits.js'
import { ContainedDirectory } from './contained-directory.js'
import { decoded } from './decode.js'
import { ABSENT, boundedListing, failedRead, unreadable } from './failure.js'
import { NameKinds, sortedListing, type Listing, type NameKind } from './name-kinds.js'
import { PathWalker, type PathNode, type Walk } from './path-walker.js'
import { readBeginning, readRegularFile, readRegularText, refusalOf } from './regular-file.js'
import type { Read } from './sysroot.js'
import { traceOf, type Trace, type TracedSysroot } from './trace.js'
import type { Origin } from './types.js'

/** The virtual file that holds the kernel log. */
const KERNEL_LOG_PATH = 'var/log/dmesg'

const ABSENT_NODE: PathNode = { kind: 'absent' }
const DIRECTORY: PathNode = { kind: 'directory' }
const FILE: PathNode = { kind: 'file' }
/** Where listings tell of every name that there is: elsewhere file systems may have names that they do not list. */
const LISTED_WHOLE = 'sys/'
/** Directories on the way of links that are known to be some. */
const MOST_DIRECTORIES = 1024

/**
 * A directory of this machine's file system taken as the root of a machine. Links are resolved here, not by the kernel,
 * so that none leads out of the directory; directories are resolved once, and held while a name in them is used. Only
 * regular files are ever opened.
 */
export class DirectorySysroot implements TracedSysroot {
  readonly origin: Origin
  readonly budget = new Budget()
  /** Undefined for the machine's own root, out of which nothing leads. */
  private readonly directory: ContainedDirectory | undefined
  private readonly walker: PathWalker<PathNode>
  /** Real paths that were found to be directories: every link leads through some of them. */
  private readonly directories = new Set<string>()
  private readonly kinds = new NameKinds((directory) => this.entries(directory))

  constructor(root: string, origin: Origin) {
    this.directory = root === '' ? undefined : new ContainedDirectory(root)
    this.origin = origin
    this.walker = new PathWalker((path, directory, name) => this.node(path, directory, name), this.budget)
  }

  text(path: string): Read<string> {
    return this.file(path, readRegularText)
  }

  bytes(path: string): Read<Uint8Array> {
    return this.file(path, readRegularFile)
  }

  /** The first `length` bytes of a file: enough to tell what it is, without reading what is not wanted. */
  beginning(path: string, length: number): Read<Uint8Array> {
    return this.file(path, (real) => readBeginning(real, length))
  }

  list(path: string): Read<readonly string[]> {
    const walk = this.walker.walk(path, true)
    if (walk.node.kind !== 'directory') return notThat(walk.node)
    try {
      const entries = this.entries(walk.path)
      if (entries.length <= SINGLE.listing) this.kinds.keep(walk.path, entries)
      const names = entries.map(({ name }) => name)
      return boundedListing(names, this.budget)
    } catch (error) {
      return failedRead(error)
    }
  }

  link(path: string): Read<string> {
    const name = lastNameOf(path)
    const above = this.toldHolder(path, name)
    const kind = above === undefined ? undefined : this.kinds.told(above, name)
    if (kind === 'absent') return ABSENT
    if (above !== undefined && kind === 'symlink') {
      const node = this.nodeOnDisk(above, name, kind)
      return node.kind === 'symlink' ? { state: 'known', value: node.target } : notThat(node)
    }
    const { node } = this.walker.walk(path, false)
    return node.kind === 'symlink' ? { state: 'known', value: node.target } : notThat(node)
  }

  trace(path: string, follow: boolean): Trace {
    return traceOf(this.walker.walk(path, follow))
  }

  /** What `read` makes of the file that `path` leads to. Most are in a directory whose listing told that they are files. */
  private file<T>(path: string, read: (real: string, budget: Budget) => Read<T>): Read<T> {
    const name = lastNameOf(path)
    const above = this.toldHolder(path, name)
    const kind = above === undefined ? undefined : this.kinds.told(above, name)
    if (kind === 'absent') return ABSENT
    if (above !== undefined && kind === 'file') return this.use(above, name, read)
    const { node, place } = this.walker.walk(path, true)
    return node.kind === 'file' ? this.use(place.directory, place.name, read) : notThat(node)
  }

  /** The directory, without links, that holds the last name of a path; undefined where listings do not tell of it. */
  private toldHolder(path: string, lastName: string): string | undefined {
    const above = this.walker.holderOf(path)
    return above?.node.kind === 'directory' && isListedWhole(above.path) && !isStep(lastName) ? above.path : undefined
  }

  private node(path: string, directory: string, name: string): PathNode {
    if (this.directories.has(path)) return DIRECTORY
    const node = this.nodeOnDisk(directory, name, isListedWhole(directory) ? this.kinds.of(directory, name) : 'other')
    if (node.kind === 'directory') {
      if (this.directories.size >= MOST_DIRECTORIES) this.directories.clear()
      this.directories.add(path)
    }
    return node
  }

  /** A name that stands for a directory without links as long as no other one is used. Throws what opening it throws. */
  private nameOf(directory: string): string {
    return this.directory ? this.directory.nameOf(directory) : directory === '' ? '' : `/${directory}`
  }

  /** What a real directory holds; throws what listing throws. */
  private entries(path: string): Listing {
    return sortedListing(readdirSync(`${this.nameOf(path)}/`, { withFileTypes: true }))
  }

  private nodeOnDisk(directory: string, name: string, kind: NameKind): PathNode {
    switch (kind) {
      case 'absent':
        return ABSENT_NODE
      case 'directory':
        return DIRECTORY
      case 'file':
        return FILE
      case 'symlink':
      case 'other':
        break
    }
    const known = kind === 'symlink' ? this.kinds.target(directory, name) : undefined
    if (known !== undefined) return { kind: 'symlink', target: known }
    try {
      const real = `${this.nameOf(directory)}/${name === '' ? '.' : name}`
      if (kind === 'other') return lookedAt(real)
      const target = readlinkSync(real)
      this.kinds.keepTarget(directory, name, target)
      return { kind: 'symlink', target }
    } catch (error) {
      const failed = failedRead(error)
      return failed.state === 'absent' ? ABSENT_NODE : { kind: 'unreadable', reason: failed.reason }
    }
  }

  private use<T>(directory: string, name: string, read: (real: string, budget: Budget) => Read<T>): Read<T> {
    try {
      return read(`${this.nameOf(directory)}/${name}`, this.budget)
    } catch (error) {
      return failedRead(error)
    }
  }
}

const isListedWhole = (directory: string): boolean => directory.startsWith(LISTED_WHOLE)
const lastNameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
/** Whether a name in a path stands for a directory on its way and for nothing that a listing has. */
const isStep = (name: string): boolean => name === '' || name === '.' || name === '..'

function lookedAt(real: string): PathNode {
  const status = lstatSync(real, { throwIfNoEntry: false })
  if (!status) return ABSENT_NODE
  if (status.isDirectory()) return DIRECTORY
  if (status.isSymbolicLink()) return { kind: 'symlink', target: readlinkSync(real) }
  const reason = refusalOf(status)
  return reason === undefined ? FILE : { kind: 'unreadable', reason }
}

function notThat(node: Walk<PathNode>['node']): Read<never> {
  switch (node.kind) {
    case 'absent':
      return ABSENT
    case 'unreadable':
      return unreadable(node.reason)
    case 'directory':
    case 'file':
    case 'symlink':
      return unreadable('malformed')
  }
}

/** This machine, with its kernel log as a file. */
class HostSysroot extends DirectorySysroot {
  private readonly readKernelLog: () => Read<Uint8Array>
  private kernelLog: Read<Uint8Array> | undefined

  constructor(readKernelLog: () => Read<Uint8Array>) {
    super('', { kind: 'live', name: '/' })
    this.readKernelLog = readKernelLog
  }

  override text(path: string): Read<string> {
    return path === KERNEL_LOG_PATH ? decoded(this.bytes(path), this.budget) : super.text(path)
  }

  override bytes(path: string): Read<Uint8Array> {
    if (path !== KERNEL_LOG_PATH) return super.bytes(path)
    this.kernelLog ??= this.readKernelLog()
    return this.kernelLog
  }

  override link(path: string): Read<string> {
    return path === KERNEL_LOG_PATH ? unreadable('malformed') : super.link(path)
  }

  override trace(path: string, follow: boolean): Trace {
    return path === KERNEL_LOG_PATH ? { path, steps: [{ path, kind: 'file' }] } : super.trace(path, follow)
  }
}

/**
 * A captured machine: a directory that holds its `sys`, `proc` and the rest. Contained as under chroot. Where the
 * directory does not exist every read is absent; whoever asks the user for a directory has to look first.
 */
export function openDirectorySysroot(directory: string, origin: Origin): DirectorySysroot {
  return new DirectorySysroot(directory, origin)
}

/**
 * The running machine. A file `var/log/dmesg` on disk may be from another boot, so it is never read: that path gives
 * what `readKernelLog` returns, which is called at most once. Without it the log is absent.
 */
export function openHostSysroot(readKernelLog: () => Read<Uint8Array> = () => ABSENT): TracedSysroot {
  return new HostSysroot(readKernelLog)
}
