import { comparePciAddresses } from '../../machine/identifiers.js'
import { sortedNames, type MemoryEntry } from '../../sysroot/memory-entry.js'
import { interruptsByFunction } from './interrupt-owners.js'
import { configurationFiles } from './told-configuration.js'
import { deriveArchitecture, deriveIds } from './told-derived.js'
import { tableFiles } from './told-tables.js'
import type { Place, Told } from './told.js'
import type { FunctionWord, ToldFunction, ToldGroup, ToldMachine } from './told-machine.js'
import { waysOfFunctions } from './told-ways.js'

/** A machine as files, and where each of them was told. */
export interface ToldTree {
  readonly entries: ReadonlyMap<string, MemoryEntry>
  /** Places by the paths of the files, links and listings. */
  readonly places: ReadonlyMap<string, Place>
}

const DAMAGED: MemoryEntry = { kind: 'file', content: 'malformed' }
const UNREADABLE: MemoryEntry = { kind: 'unreadable', reason: 'malformed' }
const encoder = new TextEncoder()
const file = (content: string | Uint8Array): MemoryEntry => ({
  kind: 'file',
  content: typeof content === 'string' ? encoder.encode(content) : content,
})

/** Attributes of a function that hold one number. */
const NUMBERS: readonly (readonly [FunctionWord, string, string])[] = [
  ['vendor', 'vendor', '0x'],
  ['device', 'device', '0x'],
  ['subsystemVendor', 'subsystem_vendor', '0x'],
  ['subsystemDevice', 'subsystem_device', '0x'],
  ['classCode', 'class', '0x'],
  ['revision', 'revision', '0x'],
  ['numaNode', 'numa_node', ''],
]

class TreeWriter {
  readonly entries = new Map<string, MemoryEntry>()
  readonly places = new Map<string, Place>()

  put(path: string, entry: MemoryEntry, place: Place | undefined): void {
    this.entries.set(path, entry)
    if (place) this.places.set(path, place)
  }
}

/** `uevent`, the second witness of driver and ids, where a listing showed that there is no driver. */
function driverless(fn: ToldFunction): string | undefined {
  const value = (word: FunctionWord) => {
    const known = fn.words.get(word)?.value
    return known === undefined || known === 'contradicted' ? undefined : known
  }
  const [vendor, device, code] = [value('vendor'), value('device'), value('classCode')]
  const ids = vendor !== undefined && device !== undefined ? `PCI_ID=${vendor}:${device}\n`.toUpperCase() : ''
  if (fn.driverless === undefined || ids === '' || code === undefined) return undefined
  const [subsystemVendor, subsystemDevice] = [value('subsystemVendor'), value('subsystemDevice')]
  const subsystem =
    subsystemVendor !== undefined && subsystemDevice !== undefined
      ? `PCI_SUBSYS_ID=${subsystemVendor}:${subsystemDevice}\n`.toUpperCase()
      : ''
  const classLine = `PCI_CLASS=${Number.parseInt(code, 16).toString(16).toUpperCase()}\n`
  return `${classLine}${ids}${subsystem}PCI_SLOT_NAME=${fn.name}\n`
}

function writeFunction(writer: TreeWriter, fn: ToldFunction, way: string | undefined): void {
  const listed = `sys/bus/pci/devices/${fn.name}`
  const directory = way === undefined ? listed : `sys/${way}`
  if (way === undefined) writer.put(listed, { kind: 'directory' }, fn.place)
  else writer.put(listed, { kind: 'symlink', target: `../../../${way}` }, fn.place)
  const put = (name: string, entry: MemoryEntry, place: Place | undefined) => {
    writer.put(`${directory}/${name}`, entry, place)
    if (place) writer.places.set(`${listed}/${name}`, place)
  }
  for (const [word, name, prefix] of NUMBERS) {
    const known = fn.words.get(word)
    if (known) put(name, known.value === 'contradicted' ? DAMAGED : file(`${prefix}${known.value}\n`), known.place)
  }
  const link = (name: string, known: Told<string> | undefined, target: (value: string) => string) => {
    if (!known) return
    const entry: MemoryEntry =
      known.value === 'contradicted'
        ? UNREADABLE
        : known.value === 'none'
          ? { kind: 'absent' }
          : { kind: 'symlink', target: target(known.value) }
    put(name, entry, known.place)
  }
  const up = way === undefined ? '../../..' : '../'.repeat(way.split('/').length).slice(0, -1)
  link('iommu_group', fn.words.get('iommuGroup'), (id) => `${up}/kernel/iommu_groups/${id}`)
  const driver = fn.words.get('driver')
  link('driver', driver, (name) => `${up}/bus/pci/drivers/${name}`)
  const uevent = driver ? undefined : driverless(fn)
  if (uevent !== undefined) {
    put('uevent', file(uevent), fn.driverless)
    put('driver', { kind: 'absent' }, fn.driverless)
  }
  if (fn.bytes !== undefined) put('config', fn.bytes === 'damaged' ? DAMAGED : file(fn.bytes), fn.bytesPlace)
  // The registers of a virtual function's own ids are all ones.
  if (fn.bytes instanceof Uint8Array && (fn.bytes[0] !== 0xff || fn.bytes[1] !== 0xff)) {
    put('physfn', { kind: 'absent' }, fn.bytesPlace)
  }
  if (fn.verbosePlace) {
    const end = fn.verboseWhole ? 'Whole: yes\n' : ''
    put('lspci', file(`${fn.verbose.join('\n')}\n${end}`), fn.verbosePlace)
  }
}

function writeGroups(writer: TreeWriter, machine: ToldMachine): void {
  const [first] = machine.groups.values()
  const place = first?.place ?? machine.allGroups
  if (place === undefined) return
  const base = 'sys/kernel/iommu_groups'
  writer.put(base, { kind: 'directory', listing: sortedNames(machine.groups.keys()) }, place)
  for (const [id, group] of machine.groups) {
    const members = sortedNames(group.members.keys())
    if (group.isListed || group.damaged || machine.allGroups !== undefined) {
      const listing = group.damaged ? 'malformed' : members
      writer.put(`${base}/${id}/devices`, { kind: 'directory', listing }, group.place)
    } else if (members.length > 0) writer.put(`${base}/${id}/lspci`, file(`${members.join('\n')}\n`), group.place)
    const proof = unnamedBy(group)
    if (proof) writer.put(`${base}/${id}/name`, { kind: 'absent' }, proof)
    if (!group.type) continue
    writer.put(
      `${base}/${id}/type`,
      group.type.value === 'contradicted' ? DAMAGED : file(`${group.type.value}\n`),
      group.type.place,
    )
  }
}

/**
 * Where it was told that a group is no group of VFIO's no-IOMMU mode, which alone gives names: an IOMMU's driver took a
 * member in, or the group has a domain by default (K: iommu_group_show_type, vfio_noiommu_group_alloc).
 */
function unnamedBy({ translated, type }: ToldGroup): Place | undefined {
  const [first] = translated.values()
  if (first) return first
  return type !== undefined && type.value !== 'contradicted' && type.value !== 'unknown' ? type.place : undefined
}

/** Whether a root bus has a node in the device tree: a machine that one of tree and tables describes has the other not in use. */
function writeRootBuses(writer: TreeWriter, machine: ToldMachine): void {
  const isTreeGiven = machine.files.has('sys/firmware/fdt')
  for (const [address, { value, place }] of machine.rootBuses) {
    const path = `sys/devices/pci${address}/of_node`
    if (value === 'contradicted') writer.put(path, UNREADABLE, place)
    else if (value !== 'acpi') {
      writer.put(path, { kind: 'symlink', target: `../../firmware/devicetree/base${value}` }, place)
      if (machine.tables.length > 0) continue
      for (const untold of ['sys/firmware/acpi', 'sys/firmware/acpi/tables'])
        writer.put(untold, { kind: 'absent' }, place)
    } else {
      writer.put(path, { kind: 'absent' }, place)
      if (isTreeGiven) continue
      writer.put('sys/firmware/devicetree/base', { kind: 'absent' }, place)
      writer.put('sys/firmware/fdt', { kind: 'absent' }, place)
    }
  }
}

function writeInterrupts(writer: TreeWriter, machine: ToldMachine, directoryOf: (name: string) => string): void {
  const table = machine.files.get('proc/interrupts')
  if (table === undefined || table === 'contradicted' || typeof table.content !== 'string') return
  for (const [name, vectors] of interruptsByFunction(table.content)) {
    if (!machine.functions.has(name)) continue
    const directory = `${directoryOf(name)}/msi_irqs`
    const listing = sortedNames(vectors.map(({ irq }) => String(irq)))
    writer.put(directory, { kind: 'directory', listing }, table.place)
    for (const { irq, mode } of vectors) {
      if (mode !== undefined) writer.put(`${directory}/${irq}`, file(`${mode}\n`), table.place)
    }
  }
}

/** Most kernels show no interrupt domains, and nobody pastes them: their absence is a value. */
const UNTOLD = 'sys/kernel/debug'

/** Files of the whole machine: log, configuration and what was told as a file. */
function writeFiles(writer: TreeWriter, machine: ToldMachine): void {
  for (const [path, told] of machine.files) {
    if (told === 'contradicted') writer.put(path, DAMAGED, undefined)
    else writer.put(path, file(told.content), told.place)
  }
  const blob = machine.files.get('sys/firmware/fdt')
  // The blob is all that is told of the tree: it stands for the directory that the kernel unpacks it to.
  if (blob !== undefined && blob !== 'contradicted')
    writer.put('sys/firmware/devicetree/base', { kind: 'absent' }, blob.place)
  writer.put(UNTOLD, { kind: 'absent' }, undefined)
  const [log] = machine.logs
  if (log)
    writer.put('var/log/dmesg', file(`${machine.logs.flatMap(({ lines }) => lines).join('\n')}\n`), log.places[0])
  for (const [path, entry, place] of configurationFiles(machine)) writer.put(path, entry, place)
}

/**
 * The files that a machine would have that is as the texts tell. Whatever they do not tell is not among them: in a tree
 * whose missing names are `not-collected` it is unknown, never absent.
 */
export function toldTree(machine: ToldMachine): ToldTree {
  const writer = new TreeWriter()
  const functions = [...machine.functions.values()].sort((one, other) =>
    comparePciAddresses(one.address, other.address),
  )
  for (const fn of functions) {
    deriveIds(fn)
  }
  deriveArchitecture(machine)
  const { allGroups } = machine
  for (const { words } of functions)
    if (allGroups && !words.has('iommuGroup')) words.set('iommuGroup', { value: 'none', place: allGroups })
  const ways = waysOfFunctions(functions)
  for (const fn of functions) writeFunction(writer, fn, ways.get(fn.name))
  const [first] = functions
  if (first) {
    const names = functions.map(({ name }) => name).sort()
    writer.put('sys/bus/pci/devices', { kind: 'directory', listing: names }, first.place)
  }
  writeGroups(writer, machine)
  if (machine.noIommuDriven) writer.put('sys/class/iommu', { kind: 'directory', listing: [] }, machine.noIommuDriven)
  writeRootBuses(writer, machine)
  for (const [path, entry, place] of tableFiles(machine)) writer.put(path, entry, place)
  writeInterrupts(writer, machine, (name) => {
    const way = ways.get(name)
    return way === undefined ? `sys/bus/pci/devices/${name}` : `sys/${way}`
  })
  writeFiles(writer, machine)
  return { entries: writer.entries, places: writer.places }
}
