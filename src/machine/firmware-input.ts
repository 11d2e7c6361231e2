import type { Diagnostic } from './acpi-table.js'
import type { Machine } from './machine.js'

/** Excerpt of a fact that no file was given for: nobody can tell, and nobody tried. */
export const NOT_GIVEN = 'not among the files'

/** A file of the machine's firmware that was looked at. */
export interface FirmwareFile {
  readonly path: string
  /** Signature of the table (`IORT`, `APIC`), `devicetree`, or `unrecognised`. */
  readonly table: string
}

/**
 * A machine for judging its firmware. Damaged tables are in it with all that could be read of them, so it says nothing
 * about verdicts.
 */
export interface FirmwareInput {
  readonly machine: Machine
  /** Where it came from: the machine's origin, or files that somebody gave. */
  readonly source: { readonly kind: 'live' | 'sysroot' | 'bundle' | 'emulated' | 'files'; readonly name: string }
  /** In the order in which they were given or found. */
  readonly files: readonly FirmwareFile[]
  /** What was odd about files that no table of the machine came from. */
  readonly diagnostics: readonly Diagnostic[]
}
