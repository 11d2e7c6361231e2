import type { Budget } from '../../budget/budget.js'
import type { AcpiTables } from '../../machine/acpi.js'
import type { DecodedTable, Diagnostic } from '../../machine/acpi-table.js'
import { absent, known, unreadable, type Fact } from '../../machine/fact.js'
import type { Sysroot } from '../../sysroot/sysroot.js'
import { parseDmar } from './dmar.js'
import { parseIort } from './iort.js'
import { parseIvrs } from './ivrs.js'
import { parseMadt } from './madt.js'
import { parseMcfg } from './mcfg.js'
import { parseRimt } from './rimt.js'
import { parseViot } from './viot.js'

const FIRMWARE = 'sys/firmware/acpi'
const DIRECTORY = `${FIRMWARE}/tables`

type Parser<T> = (bytes: Uint8Array, path: string, budget: Budget) => T

/** A parser that remembers its result for as long as the very same bytes live: repeated probes parse once. */
function remembered<T>(parse: Parser<T>): Parser<T> {
  const results = new WeakMap<Uint8Array, { readonly path: string; readonly table: T }>()
  return (bytes, path, budget) => {
    const before = results.get(bytes)
    if (before?.path === path) return before.table
    const table = parse(bytes, path, budget)
    results.set(bytes, { path, table })
    return table
  }
}

const PARSERS = {
  iort: remembered(parseIort),
  madt: remembered(parseMadt),
  dmar: remembered(parseDmar),
  ivrs: remembered(parseIvrs),
  viot: remembered(parseViot),
  mcfg: remembered(parseMcfg),
  rimt: remembered(parseRimt),
}

/**
 * Names of the tables. The directory is made as soon as the kernel uses ACPI, and no firmware comes without tables:
 * a missing directory below an existing `sys/firmware/acpi`, or one without any table, is a failed read, not absence.
 */
function readNames(sysroot: Sysroot): Fact<readonly string[]> {
  const names = sysroot.list(DIRECTORY)
  const from = { path: DIRECTORY }
  switch (names.state) {
    case 'known':
      return names.value.some((name) => /^[A-Z0-9_]{4}\d*$/.test(name))
        ? known(names.value, from)
        : unreadable('malformed', from)
    case 'absent': {
      const parent = sysroot.list(FIRMWARE)
      return parent.state === 'absent'
        ? absent(from)
        : unreadable(parent.state === 'known' ? 'io' : parent.reason, from)
    }
    case 'unreadable':
      return unreadable(names.reason, from)
  }
}

/**
 * One table. Where the firmware has several with one signature, all get a number (K: drivers/acpi/sysfs.c,
 * acpi_table_attr_init): for the tables here that is a contradiction, so none of them counts.
 */
function readTable<T extends DecodedTable>(
  sysroot: Sysroot,
  names: Fact<readonly string[]>,
  signature: string,
  parse: Parser<T>,
): Fact<T> {
  const path = `${DIRECTORY}/${signature}`
  if (names.state === 'absent') return absent({ path })
  if (names.state === 'unreadable') return unreadable(names.reason, ...names.from)
  const instances = names.value.filter((name) => name.startsWith(signature) && /^\d*$/.test(name.slice(4)))
  const [only] = instances
  if (only === undefined) return absent({ path })
  const from = instances.map((name) => ({ path: `${DIRECTORY}/${name}` }))
  if (instances.length > 1) return unreadable('malformed', ...from)
  const content = sysroot.bytes(`${DIRECTORY}/${only}`)
  switch (content.state) {
    case 'known': {
      const table = parse(content.value, `${DIRECTORY}/${only}`, sysroot.budget)
      return table.damaged
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
 */
export function probeAcpi(sysroot: Sysroot): AcpiTables {
  const names = readNames(sysroot)
  return {
    names,
    iort: readTable(sysroot, names, 'IORT', PARSERS.iort),
    madt: readTable(sysroot, names, 'APIC', PARSERS.madt),
    dmar: readTable(sysroot, names, 'DMAR', PARSERS.dmar),
    ivrs: readTable(sysroot, names, 'IVRS', PARSERS.ivrs),
    viot: readTable(sysroot, names, 'VIOT', PARSERS.viot),
    mcfg: readTable(sysroot, names, 'MCFG', PARSERS.mcfg),
    rimt: readTable(sysroot, names, 'RIMT', PARSERS.rimt),
  }
}
