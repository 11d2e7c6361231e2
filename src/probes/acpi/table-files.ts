import type { Read, Sysroot } from '../../sysroot/sysroot.js'

const DIRECTORY = 'sys/firmware/acpi/tables'
const DECODED = /^(?:IORT|APIC|DMAR|IVRS|VIOT|MCFG|RIMT)\d*$/

/** A table of a machine as a file, whatever its state. */
export interface AcpiTableFile {
  readonly path: string
  readonly bytes: Read<Uint8Array>
}

/**
 * The tables of a machine that have a parser, in listing order, damaged and numbered ones too: what `decode` and
 * `lint` look at. `probeAcpi` is the judgement, this is the material.
 */
export function acpiTableFiles(sysroot: Sysroot): Read<readonly AcpiTableFile[]> {
  const names = sysroot.list(DIRECTORY)
  if (names.state !== 'known') return names
  const paths = names.value.filter((name) => DECODED.test(name)).map((name) => `${DIRECTORY}/${name}`)
  return { state: 'known', value: paths.map((path) => ({ path, bytes: sysroot.bytes(path) })) }
}
