import type { Budget } from '../budget/budget.js'
import { decoded } from '../sysroot/decode.js'
import { unreadable } from '../sysroot/failure.js'
import type { Read } from '../sysroot/sysroot.js'
import type { Step, Trace, TracedSysroot } from '../sysroot/trace.js'
import type { Origin, PassedOver } from '../sysroot/types.js'
import { modprobe } from './redacted-kernel-files.js'
import type { Redaction } from './redacted-text.js'
import { keptNames, redactionOf } from './redaction-policy.js'

const MODPROBE_DIRECTORIES: readonly string[] = [
  'etc/modprobe.d',
  'run/modprobe.d',
  'usr/lib/modprobe.d',
  'lib/modprobe.d',
]
const WITHHELD = unreadable('permission')

/**
 * A machine as everybody may see it: serial numbers, hardware addresses, host names, free texts and counters are gone.
 * Reports of live hosts pass it as captures do, so that what it takes away is never evidence. What is left of a file
 * depends on the path it is asked for; a file that no line of the policy names is unreadable.
 */
export class RedactingSysroot implements TracedSysroot {
  readonly origin: Origin
  readonly budget: Budget
  readonly passedOver: readonly PassedOver[]
  private readonly inner: TracedSysroot
  /**
   * What was made of content that did not stay as it is: a machine held in memory hands out the same bytes at every read,
   * and parsers rely on it.
   */
  private readonly results = new WeakMap<Uint8Array, { readonly by: Redaction; readonly kept: Uint8Array }>()
  private readonly changed = new Set<string>()

  constructor(inner: TracedSysroot) {
    this.inner = inner
    this.origin = inner.origin
    this.budget = inner.budget
    this.passedOver = inner.passedOver ?? []
  }

  /** Paths, as asked for, of what was read and is not what the machine has. */
  get redacted(): ReadonlySet<string> {
    return this.changed
  }

  text(path: string): Read<string> {
    const redact = redactionOf(path)?.ofText
    if (!redact) return decoded(this.bytes(path), this.budget)
    const read = this.inner.text(path)
    if (read.state !== 'known') return read
    const kept = redact(read.value)
    if (kept === read.value) return read
    this.changed.add(path)
    return { state: 'known', value: kept }
  }

  bytes(path: string): Read<Uint8Array> {
    const read = this.inner.bytes(path)
    if (read.state !== 'known') return read
    const redaction = redactionOf(path)
    if (!redaction) {
      this.changed.add(path)
      return WITHHELD
    }
    const kept = this.kept(read.value, redaction)
    if (kept === undefined) return unreadable('too-large')
    if (kept !== read.value && Buffer.compare(kept, read.value) !== 0) this.changed.add(path)
    return { state: 'known', value: kept }
  }

  list(path: string): Read<readonly string[]> {
    const read = this.inner.list(path)
    if (read.state !== 'known') return read
    const kept = MODPROBE_DIRECTORIES.includes(path)
      ? read.value.filter((name) => this.setsOption(name))
      : keptNames(path, read.value)
    if (kept?.length !== read.value.length) this.changed.add(path)
    return kept ? { state: 'known', value: kept } : WITHHELD
  }

  link(path: string): Read<string> {
    const read = this.inner.link(path)
    if (read.state !== 'known' || path.startsWith('sys/')) return read
    this.changed.add(path)
    return WITHHELD
  }

  trace(path: string, follow: boolean): Trace {
    const trace = this.inner.trace(path, follow)
    if (path.startsWith('sys/')) return trace
    // The log of a live host has no way to it: no file stands behind it.
    const hasWay = trace.steps[0]?.path === ''
    return hasWay && trace.steps.every(({ kind }) => kind !== 'symlink') ? trace : direct(path, trace)
  }

  private kept(content: Uint8Array, redaction: Redaction): Uint8Array | undefined {
    const before = this.results.get(content)
    if (before?.by === redaction) return before.kept
    const kept = redaction(content, this.budget)
    if (kept === undefined) return undefined
    if (kept !== content) this.results.set(content, { by: redaction, kept })
    return kept
  }

  /** A file of that name says something, or cannot be read, in one of the directories that have it. */
  private setsOption(name: string): boolean {
    if (!name.endsWith('.conf')) return false
    return MODPROBE_DIRECTORIES.some((directory) => {
      const read = this.inner.bytes(`${directory}/${name}`)
      return read.state === 'known' ? this.kept(read.value, modprobe)?.length !== 0 : read.state === 'unreadable'
    })
  }
}

/** The same way without its links: outside of `sys` they are the administrator's, and lead through names of his. */
function direct(path: string, { steps }: Trace): Trace {
  const names = path.split('/')
  const above = names.map((_, index): Step => ({ path: names.slice(0, index).join('/'), kind: 'directory' }))
  const end = steps.at(-1)
  return { path, steps: [...above, { path, kind: end && end.kind !== 'symlink' ? end.kind : 'unreadable' }] }
}
