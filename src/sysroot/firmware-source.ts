import type { Sysroot } from './sysroot.js'

/** A file as it was given; the path is what people know it by. */
export interface NamedBytes {
  readonly path: string
  readonly bytes: Uint8Array
}

/** Firmware of one machine: as files, as a device tree in a directory, or a machine to read it from. */
export type FirmwareSource =
  | { readonly kind: 'files'; readonly files: readonly NamedBytes[] }
  | {
      readonly kind: 'tree'
      readonly sysroot: Sysroot
      readonly name: string
    }
  | { readonly kind: 'machine'; readonly sysroot: Sysroot }
