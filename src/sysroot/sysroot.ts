import type { Budget } from '../budget/budget.js'
import type { Origin, PassedOver, ReadFailure } from './types.js'

/** Result of one read: the value, the knowledge that nothing is there, or the reason why it could not be read. */
export type Read<T> =
  | { readonly state: 'known'; readonly value: T }
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly reason: ReadFailure }

/**
 * The files of one machine, live or captured. Paths are relative to the machine's root and have no leading slash
 * (`sys/bus/pci/devices`). No symbolic link, absolute or with `..`, leaves the root: links resolve as under chroot.
 * Nothing throws: hot-unplug, EACCES, EIO, EAGAIN, ELOOP and files that vanish while being read are results.
 */
export interface Sysroot {
  readonly origin: Origin
  /** What this opening may still cost; whoever reads from it charges its own work here as well. */
  readonly budget: Budget
  /** What the archive has and nothing of this machine tells. */
  readonly passedOver?: readonly PassedOver[]
  /** Content decoded as UTF-8 (invalid bytes become U+FFFD). */
  text(path: string): Read<string>
  bytes(path: string): Read<Uint8Array>
  /** Names in a directory, sorted by code unit, without `.` and `..`. */
  list(path: string): Read<readonly string[]>
  /** Raw target of a symbolic link; absent when nothing is there, `malformed` when it is no link. */
  link(path: string): Read<string>
}
