import type { Budget } from '../budget/budget.js'
import { unreadable } from '../sysroot/failure.js'
import type { Read } from '../sysroot/sysroot.js'
import type { Trace, TracedSysroot } from '../sysroot/trace.js'
import type { Origin } from '../sysroot/types.js'

const BASE = 'sys/firmware/devicetree/base'
/** Files of every root node: three by the Devicetree Specification 0.4, section 3.2, and the one that Linux gives each node. */
const ROOT_PROPERTIES: readonly string[] = ['compatible', '#address-cells', '#size-cells', 'name']

const names = (sysroot: TracedSysroot, path: string) => {
  const listing = sysroot.list(path)
  return listing.state === 'known' ? listing.value : []
}

/**
 * Where in what was opened a copy of `/proc/device-tree` has its root node: at its top, or one or two directories below
 * where there is but one (`device-tree`, `devicetree/base`). Undefined where there is none.
 */
export function deviceTreeTop(sysroot: TracedSysroot): string | undefined {
  let top = ''
  for (let depth = 0; depth < 3; depth++) {
    const found = names(sysroot, top)
    if (ROOT_PROPERTIES.every((property) => found.includes(property))) return top
    const [only, ...others] = found
    if (only === undefined || others.length > 0) return undefined
    top = top === '' ? only : `${top}/${only}`
  }
  return undefined
}

/** A machine of which nothing is known but its device tree, copied as the directory that the kernel unpacks it to. */
export class DeviceTreeDirectory implements TracedSysroot {
  readonly origin: Origin
  readonly budget: Budget
  private readonly inner: TracedSysroot
  private readonly top: string

  /** @param top where `inner` has the root node, without slashes at its ends */
  constructor(inner: TracedSysroot, top: string) {
    this.inner = inner
    this.origin = inner.origin
    this.budget = inner.budget
    this.top = top
  }

  text(path: string): Read<string> {
    return this.read(path, (own) => this.inner.text(own))
  }

  bytes(path: string): Read<Uint8Array> {
    return this.read(path, (own) => this.inner.bytes(own))
  }

  list(path: string): Read<readonly string[]> {
    return this.read(path, (own) => this.inner.list(own))
  }

  link(path: string): Read<string> {
    return this.read(path, (own) => this.inner.link(own))
  }

  trace(path: string, follow: boolean): Trace {
    const own = this.own(path)
    if (own === undefined) return { path, steps: [{ path, kind: 'unreadable' }] }
    const { steps } = this.inner.trace(own, follow)
    const end = steps.at(-1)
    // What lies between is directories: a tree has no links.
    return {
      path,
      steps: [end === undefined || end.kind === 'symlink' ? { path, kind: 'unreadable' } : { path, kind: end.kind }],
    }
  }

  private own(path: string): string | undefined {
    if (path !== BASE && !path.startsWith(`${BASE}/`)) return undefined
    const rest = path.slice(BASE.length + 1)
    return [this.top, rest].filter((part) => part !== '').join('/')
  }

  private read<T>(path: string, of: (own: string) => Read<T>): Read<T> {
    const own = this.own(path)
    return own === undefined ? unreadable('not-collected') : of(own)
  }
}
