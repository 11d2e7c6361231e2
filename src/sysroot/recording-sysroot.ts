import type { Budget } from '../budget/budget.js'
import { decoded } from './decode.js'
import type { RecordedRead, SysrootRecord } from './record.js'
import type { Read, Sysroot } from './sysroot.js'
import type { Trace, TracedSysroot } from './trace.js'
import type { Origin, PassedOver } from './types.js'

/**
 * Notes everything that is read of another sysroot, failures and missing names too. The first answer is the answer for
 * good: a file that changes between two reads is one file here, whatever links lead to it, as text and as bytes.
 */
export class RecordingSysroot implements Sysroot {
  readonly origin: Origin
  readonly budget: Budget
  readonly passedOver: readonly PassedOver[]
  private readonly inner: TracedSysroot
  private readonly reads: RecordedRead[] = []
  private readonly texts = new Map<string, Read<string>>()
  private readonly files = new Map<string, Read<Uint8Array>>()
  private readonly lists = new Map<string, Read<readonly string[]>>()
  private readonly links = new Map<string, Read<string>>()
  /** First answers by the path without links. */
  private readonly contents = new Map<string, Read<Uint8Array>>()
  private readonly listings = new Map<string, Read<readonly string[]>>()

  constructor(inner: TracedSysroot) {
    this.inner = inner
    this.origin = inner.origin
    this.budget = inner.budget
    this.passedOver = inner.passedOver ?? []
  }

  /** What has been read up to now. */
  record(): SysrootRecord {
    return { origin: this.origin, reads: [...this.reads] }
  }

  text(path: string): Read<string> {
    return once(this.texts, path, () => {
      const { result, trace } = this.content(path)
      this.reads.push({ kind: 'text', path, result, trace })
      return decoded(result, this.budget)
    })
  }

  bytes(path: string): Read<Uint8Array> {
    return once(this.files, path, () => {
      const { result, trace } = this.content(path)
      this.reads.push({ kind: 'bytes', path, result, trace })
      return result
    })
  }

  list(path: string): Read<readonly string[]> {
    return once(this.lists, path, () => {
      const trace = this.inner.trace(path, true)
      const result = once(this.listings, trace.path, () => this.inner.list(path))
      this.reads.push({ kind: 'list', path, result, trace })
      return result
    })
  }

  link(path: string): Read<string> {
    return once(this.links, path, () => {
      const result = this.inner.link(path)
      this.reads.push({ kind: 'link', path, result, trace: this.inner.trace(path, false) })
      return result
    })
  }

  private content(path: string): { readonly result: Read<Uint8Array>; readonly trace: Trace } {
    const trace = this.inner.trace(path, true)
    return { result: once(this.contents, trace.path, () => this.inner.bytes(path)), trace }
  }
}

function once<T>(answers: Map<string, Read<T>>, key: string, read: () => Read<T>): Read<T> {
  const known = answers.get(key)
  if (known) return known
  const answer = read()
  answers.set(key, answer)
  return answer
}
