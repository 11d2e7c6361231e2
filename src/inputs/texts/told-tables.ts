import { sortedNames, type MemoryEntry } from '../../sysroot/memory-entry.js'
import type { Place } from './told.js'
import type { ToldMachine } from './told-machine.js'

const DIRECTORY = 'sys/firmware/acpi/tables'
/** Tables that decide something here. */
const DECIDING: readonly string[] = ['APIC', 'DMAR', 'IORT', 'IVRS', 'MCFG', 'RIMT', 'VIOT']
/** Those that a machine with the named table cannot have: firmware has one family's. */
const EXCLUDED: Readonly<Record<string, readonly string[]>> = {
  DMAR: ['IVRS', 'IORT', 'RIMT'],
  IVRS: ['DMAR', 'IORT', 'RIMT'],
  IORT: ['DMAR', 'IVRS', 'RIMT'],
  RIMT: ['DMAR', 'IVRS', 'IORT'],
}
/** Tables that only all of them together have. */
const OF_ALL: readonly string[] = ['FACP', 'DSDT']

type ToldTable = ToldMachine['tables'][number]

/** Each table once: a dump and a file of the same say it twice. */
function distinct(tables: readonly ToldTable[]): readonly ToldTable[] {
  const kept: ToldTable[] = []
  const known = new Set<string>()
  for (const one of tables) {
    const { buffer, byteOffset, byteLength } = one.table.bytes
    const content = Buffer.from(buffer, byteOffset, byteLength).toString('latin1')
    if (!known.has(content)) kept.push(one)
    known.add(content)
  }
  return kept
}

/**
 * The files of the tables that were given. Of the tables that decide something and were not given nobody knows whether
 * the machine has them, unless all tables were given, a log lists all, or one that rules them out was given.
 */
export function* tableFiles(machine: ToldMachine): Generator<readonly [string, MemoryEntry, Place | undefined]> {
  const tables = distinct(machine.tables)
  const { listedTables } = machine
  const place = tables[0]?.place ?? listedTables?.place
  if (!place) return
  const counts = new Map<string, number>()
  for (const { table } of tables) counts.set(table.signature, (counts.get(table.signature) ?? 0) + 1)
  const numbers = new Map<string, number>()
  const names: string[] = []
  for (const { table, place: own } of tables) {
    const { signature } = table
    const number = (numbers.get(signature) ?? 0) + 1
    numbers.set(signature, number)
    // As the kernel numbers several of one signature.
    const name = counts.get(signature) === 1 ? signature : `${signature}${number}`
    names.push(name)
    yield [`${DIRECTORY}/${name}`, { kind: 'file', content: table.bytes }, own]
  }
  const isWhole = machine.allTables || OF_ALL.every((signature) => counts.has(signature))
  const excluded = new Set([...counts.keys()].flatMap((signature) => EXCLUDED[signature] ?? []))
  const mayExist = (signature: string) => listedTables?.signatures.has(signature) ?? true
  const untold = isWhole
    ? []
    : DECIDING.filter((signature) => !counts.has(signature) && !excluded.has(signature) && mayExist(signature))
  for (const signature of untold) {
    yield [`${DIRECTORY}/${signature}`, { kind: 'file', content: 'not-collected' }, undefined]
  }
  yield [DIRECTORY, { kind: 'directory', listing: sortedNames([...names, ...untold]) }, place]
}
