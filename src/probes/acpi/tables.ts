import type { AcpiTables } from '../../machine/acpi.js'
import type { DecodedTable, Diagnostic } from '../../machine/acpi-table.js'
import { absent, known, unreadable, type Fact } from '../../machine/fact.js'
import type { Read, Sysroot } from '../../sysroot/sysroot.js'
import { FIRMWARE_PARSERS, type FirmwareParser } from '../firmware-parsers.js'

const FIRMWARE = 'sys/firmware/acpi'
const DIRECTORY = `${FIRMWARE}/tables`

/**
 * Names of the tables. The directory is made as soon as the kernel uses ACPI, and no firmware comes without tables:
 * a missing directory below an existing `sys/firmware/acpi`, or one without any table, is a failed read, not absence.
 */
function readNames(sysroot: Sysroot): Fact<readonly string[]> {
  const names = sysroot.list(DIRECTORY)
  const from = { path: DIRECTORY }
  switch (names.state) {
    case 'known':
      if (names.value.length === 0) return unreadable('not-collected', from)
      return names.value.some((name) => /^[A-Z0-9_]{4}\d*$/.test(name))
        ? known(names.value, from)
        : unreadable('malformed', from)
    case 'absent': {
      const parent = sysroot.list(FIRMWARE)
      return parent.state === 'absent'
        ? absent(from)
        : unreadable(parent.state === 'known' ? 'not-collected' : parent.reason, from)
    }
    case 'unreadable':
      return unreadable(names.reason, from)
  }
}

/**
 * The file of the table that Linux takes. Where the firmware has several with one signature all get a number, from 1 on
 * in the order of the root table, and Linux takes the first (K: drivers/acpi/sysfs.c, acpi_table_attr_init;
 * acpi_get_table with instance 1). A number that is missing is a table that is missing.
 */
function firstInstance(signature: string, names: readonly string[]): { readonly name: string } | 'malformed' | 'none' {
  const instances = names.filter((name) => name.startsWith(signature) && /^\d*$/.test(name.slice(4)))
  if (instances.length === 0) return 'none'
  if (instances.length === 1 && instances[0] === signature) return { name: signature }
  const numbered = instances.length > 1 && instances.every((_, at) => instances.includes(`${signature}${at + 1}`))
  return numbered ? { name: `${signature}1` } : 'malformed'
}

/** The bytes of a table, by the name of its file. */
export type TableBytes = (name: string) => Read<Uint8Array>

/** Reads the file of every table at most once. */
export function tableBytesOf(sysroot: Sysroot): TableBytes {
  const kept = new Map<string, Read<Uint8Array>>()
  return (name) => {
    const content = kept.get(name) ?? sysroot.bytes(`${DIRECTORY}/${name}`)
    kept.set(name, content)
    return content
  }
}

/** What tells whether the bytes of a tree are those that its kernel used. */
interface Trust {
  readonly sysroot: Sysroot
  readonly bytesOf: TableBytes
  /** Messages of the kernel log, as far as they were read. */
  readonly log: readonly string[]
}

/**
 * Whether a table counts of which the checksum alone is wrong. Linux warns and goes on, so of this host and of a capture
 * it does; anywhere else a wrong checksum may be damage on the way, unless the log has the warning. The IVRS never: its
 * driver refuses it (K: drivers/iommu/amd/init.c, check_ivrs_checksum).
 */
function countsAllTheSame({ sysroot, log }: Trust, signature: string): boolean {
  if (signature === 'IVRS') return false
  const { kind, placeOf } = sysroot.origin
  // What was pasted may have been damaged on its way, whatever archive it came with.
  if (placeOf === undefined && (kind === 'live' || kind === 'bundle')) return true
  return log.some((line) => line.includes(`ncorrect checksum in table [${signature}]`))
}

/** One table. */
function readTable<T extends DecodedTable>(
  trust: Trust,
  names: Fact<readonly string[]>,
  signature: string,
  parse: FirmwareParser<T>,
): Fact<T> {
  const { sysroot, bytesOf } = trust
  const path = `${DIRECTORY}/${signature}`
  if (names.state === 'absent') return absent({ path })
  if (names.state === 'unreadable') return unreadable(names.reason, ...names.from)
  const first = firstInstance(signature, names.value)
  if (first === 'none') {
    // Every firmware has these (ACPI section 5.2.9): a listing without them holds only what somebody picked.
    const isWhole = names.value.some((name) => /^(?:FACP|DSDT|APIC)\d*$/.test(name))
    return isWhole ? absent({ path }) : unreadable('not-collected', { path })
  }
  if (first === 'malformed') return unreadable('malformed', ...names.from)
  const from = [{ path: `${DIRECTORY}/${first.name}` }]
  const content = bytesOf(first.name)
  switch (content.state) {
    case 'known': {
      const table = parse(content.value, `${DIRECTORY}/${first.name}`, sysroot.budget)
      return table.damaged && !(table.onlyChecksum === true && countsAllTheSame(trust, signature))
        ? unreadable(table.tooLarge === true ? 'too-large' : 'malformed', ...damagedAt(from, table.diagnostics))
        : known(table, ...from)
    }
    case 'absent':
      return unreadable('io', ...from)
    case 'unreadable':
      return unreadable(content.reason, ...from)
  }
}

/** The file, and the place of the first diagnostic in it. */
function damagedAt(from: readonly { readonly path: string }[], diagnostics: readonly Diagnostic[]) {
  const [first] = diagnostics
  return from.map(({ path }) => (first ? { path, at: { offset: first.offset, length: 1 } } : { path }))
}

/**
 * The tables of `/sys/firmware/acpi/tables` that say how interrupts and DMA are remapped. Only names in the listing are
 * read; files are mode 0400, so without root they are unreadable (`permission`) while the listing is known.
 *
 * @param log messages of the kernel log, as far as they were read
 */
export function probeAcpi(
  sysroot: Sysroot,
  log: readonly string[] = [],
  parsers = FIRMWARE_PARSERS,
  bytesOf = tableBytesOf(sysroot),
): AcpiTables {
  const trust: Trust = { sysroot, bytesOf, log }
  const names = readNames(sysroot)
  return {
    names,
    iort: readTable(trust, names, 'IORT', parsers.iort),
    madt: readTable(trust, names, 'APIC', parsers.madt),
    dmar: readTable(trust, names, 'DMAR', parsers.dmar),
    ivrs: readTable(trust, names, 'IVRS', parsers.ivrs),
    viot: readTable(trust, names, 'VIOT', parsers.viot),
    mcfg: readTable(trust, names, 'MCFG', parsers.mcfg),
    rimt: readTable(trust, names, 'RIMT', parsers.rimt),
  }
}
