import type { Budget } from '../budget/budget.js'
import { decoded } from '../sysroot/decode.js'
import { ABSENT, unreadable } from '../sysroot/failure.js'
import { sortedNames } from '../sysroot/memory-entry.js'
import type { Read } from '../sysroot/sysroot.js'
import type { Trace, TracedSysroot } from '../sysroot/trace.js'
import type { Origin, PassedOver } from '../sysroot/types.js'

/** Files that differ from reading to reading, or that one source tells more exactly: the first that tells counts. */
const SNAPSHOTS =
  /^(?:var\/log\/dmesg|proc\/interrupts|proc\/config\.gz|boot\/config-[^/]{1,200})$|\/(?:config|lspci|class|uevent|revision)$/

/** Texts rarely tell the way to a function. */
const FUNCTION_ENTRY = /^sys\/bus\/pci\/devices\/[^/]{1,40}$/

function same<T>(one: T, other: T): boolean {
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other) === 0
  return one === other
}

/** Several sources of one machine: later ones fill what earlier ones do not tell. Where two disagree nobody can tell. */
export class CombinedSysroot implements TracedSysroot {
  readonly origin: Origin
  readonly budget: Budget
  readonly passedOver: readonly PassedOver[]
  private readonly parts: readonly TracedSysroot[]

  constructor(origin: Origin, parts: readonly TracedSysroot[], budget: Budget) {
    this.origin = origin
    this.parts = parts
    this.budget = budget
    this.passedOver = parts.flatMap((part) => part.passedOver ?? [])
  }

  text(path: string): Read<string> {
    return decoded(this.bytes(path), this.budget)
  }

  bytes(path: string): Read<Uint8Array> {
    const reads = this.parts.map((part) => part.bytes(path))
    return joined(reads, (known) => SNAPSHOTS.test(path) || known.every((value) => same(value, known[0])))
  }

  /** The names of all: a text shows what somebody pasted of it. */
  list(path: string): Read<readonly string[]> {
    const reads = this.parts.map((part) => part.list(path))
    const known = reads.flatMap((read) => (read.state === 'known' ? [read.value] : []))
    if (known.length < 2) return joined(reads, () => true)
    const damaged = reads.some((read) => read.state === 'unreadable' && read.reason === 'malformed')
    return damaged ? unreadable('malformed') : { state: 'known', value: sortedNames(new Set(known.flat())) }
  }

  link(path: string): Read<string> {
    const reads = this.parts.map((part) => part.link(path))
    // A place below /sys/devices may be written in two ways; what it leads to is the last name.
    const known = reads.some(({ state }) => state === 'known')
    const told = known && FUNCTION_ENTRY.test(path) ? reads.filter(({ state }) => state === 'known') : reads
    const last = (target: string) => target.slice(target.lastIndexOf('/') + 1)
    return joined(told, (targets) => targets.every((target) => last(target) === last(targets[0] ?? '')))
  }

  trace(path: string, follow: boolean): Trace {
    const traces = this.parts.map((part) => part.trace(path, follow))
    const isThere = ({ steps }: Trace) => {
      const end = steps.at(-1)?.kind
      return end !== 'absent' && end !== 'unreadable'
    }
    const [first] = traces
    return traces.find(isThere) ?? first ?? { path, steps: [] }
  }
}

/** One answer of several. Damage that one of them shows stays damage; a read that only failed is filled by another. */
function joined<T>(reads: readonly Read<T>[], agree: (known: readonly T[]) => boolean): Read<T> {
  const known = reads.flatMap((read) => (read.state === 'known' ? [read.value] : []))
  const isDamaged = reads.some((read) => read.state === 'unreadable' && read.reason === 'malformed')
  const [first] = known
  if (first !== undefined && !isDamaged)
    return agree(known) ? { state: 'known', value: first } : unreadable('malformed')
  if (isDamaged) return unreadable('malformed')
  const failed = reads.filter((read) => read.state === 'unreadable')
  const told = failed.find(({ reason }) => reason !== 'not-collected') ?? failed[0]
  // Absent for all, or known to be absent by one and asked of nobody else.
  if (reads.some((read) => read.state === 'absent') && (told === undefined || told.reason === 'not-collected'))
    return ABSENT
  return told ?? ABSENT
}
