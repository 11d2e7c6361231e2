import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { decoded } from './decode.js'
import { ABSENT, failedRead, unreadable } from './failure.js'
import { sortedNames } from './memory-entry.js'
import { PathWalker, type PathNode, type Walk } from './path-walker.js'
import { FILE_LIMIT, readRegularFile } from './regular-file.js'
import type { Read } from './sysroot.js'
import { traceOf, type Trace, type TracedSysroot } from './trace.js'
import type { Origin } from './types.js'

/** The virtual file that holds the kernel log. */
const KERNEL_LOG_PATH = 'var/log/dmesg'

const ABSENT_NODE: PathNode = { kind: 'absent' }
const DIRECTORY: PathNode = { kind: 'directory' }
const FILE: PathNode = { kind: 'file' }
const ANY_READ_BIT = 0o444

/**
 * A directory of this machine's file system taken as the root of a machine. Links are resolved here, not by the kernel,
 * so that none leads out of the directory; directories are resolved once. Only regular files are ever opened.
 */
class DirectorySysroot implements TracedSysroot {
  readonly origin: Origin
  private readonly root: string
  private readonly walker: PathWalker<PathNode>

  constructor(root: string, origin: Origin) {
    this.root = root
    this.origin = origin
    this.walker = new PathWalker((path) => this.node(path))
  }

  text(path: string): Read<string> {
    return decoded(this.bytes(path))
  }

  bytes(path: string): Read<Uint8Array> {
    const walk = this.walker.walk(path, true)
    return walk.node.kind === 'file' ? readRegularFile(this.real(walk.path)) : notThat(walk.node)
  }

  list(path: string): Read<readonly string[]> {
    const walk = this.walker.walk(path, true)
    if (walk.node.kind !== 'directory') return notThat(walk.node)
    try {
      return { state: 'known', value: sortedNames(readdirSync(this.real(walk.path))) }
    } catch (error) {
      return failedRead(error)
    }
  }

  link(path: string): Read<string> {
    const { node } = this.walker.walk(path, false)
    return node.kind === 'symlink' ? { state: 'known', value: node.target } : notThat(node)
  }

  trace(path: string, follow: boolean): Trace {
    return traceOf(this.walker.walk(path, follow))
  }

  private node(path: string): PathNode {
    try {
      const real = this.real(path)
      const status = lstatSync(real, { throwIfNoEntry: false })
      if (!status) return ABSENT_NODE
      if (status.isDirectory()) return DIRECTORY
      if (status.isSymbolicLink()) return { kind: 'symlink', target: readlinkSync(real) }
      // Device nodes, FIFOs and sockets are names in a directory, nothing more.
      if (!status.isFile()) return { kind: 'unreadable', reason: 'malformed' }
      // A write-only attribute: opening it would be refused, or as root give nothing that it holds.
      if ((status.mode & ANY_READ_BIT) === 0) return { kind: 'unreadable', reason: 'permission' }
      return status.size > FILE_LIMIT ? { kind: 'unreadable', reason: 'too-large' } : FILE
    } catch (error) {
      const failed = failedRead(error)
      return failed.state === 'absent' ? ABSENT_NODE : { kind: 'unreadable', reason: failed.reason }
    }
  }

  /** The root itself may be reached through links: its name comes from the user, not from the captured machine. */
  private real(path: string): string {
    return path === '' ? `${this.root}/.` : `${this.root}/${path}`
  }
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
export function openDirectorySysroot(directory: string, origin: Origin): TracedSysroot {
  return new DirectorySysroot(directory, origin)
}

/**
 * The running machine. A file `var/log/dmesg` on disk may be from another boot, so it is never read: that path gives
 * what `readKernelLog` returns, which is called at most once. Without it the log is absent.
 */
export function openHostSysroot(readKernelLog: () => Read<Uint8Array> = () => ABSENT): TracedSysroot {
  return new HostSysroot(readKernelLog)
}
