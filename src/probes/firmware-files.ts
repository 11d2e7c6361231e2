import { Budget } from '../budget/budget.js'
import type { AcpiTables, ParsedAcpiTable } from '../machine/acpi.js'
import type { Diagnostic, TableHeader } from '../machine/acpi-table.js'
import type { DeviceTree } from '../machine/devicetree.js'
import { absent, known, unreadable, type Fact } from '../machine/fact.js'
import { NOT_GIVEN, type FirmwareFile, type FirmwareInput } from '../machine/firmware-input.js'
import type { Architecture } from '../machine/kernel.js'
import type { Machine, Origin } from '../machine/machine.js'
import type { NamedBytes } from '../sysroot/firmware-source.js'
import { parseAcpiTable } from './acpi/parse-table.js'
import { extractTables } from '../sysroot/acpi-text-dumps.js'
import { parseDeviceTreeBlob } from './devicetree/blob.js'

const BLOB_MAGIC = [0xd0, 0x0d, 0xfe, 0xed]
/** Whether bytes begin as a flattened device tree. */
export const isDeviceTreeBlob = (bytes: Uint8Array): boolean => BLOB_MAGIC.every((byte, index) => bytes[index] === byte)

/** What the files of one machine hold. */
interface Contents {
  readonly tables: Map<string, { readonly path: string; readonly bytes: Uint8Array; readonly parsed: ParsedAcpiTable }>
  tree: Fact<DeviceTree> | undefined
  readonly files: FirmwareFile[]
  readonly budget: Budget
  readonly diagnostics: Diagnostic[]
}

const sameBytes = (left: Uint8Array, right: Uint8Array) =>
  left.length === right.length && left.every((byte, index) => byte === right[index])

const HEADER_LENGTH = 36

/** Four letters do not make a table: one has a whole header, and its own length or names that can be read. */
function isTable(bytes: Uint8Array, { length, oemId, oemTableId }: TableHeader): boolean {
  if (bytes.length < HEADER_LENGTH || length < HEADER_LENGTH) return false
  return length === bytes.length || /^[\x20-\x7e\0]*$/.test(oemId + oemTableId)
}

function addTable(contents: Contents, path: string, bytes: Uint8Array): void {
  const parsed = parseAcpiTable(bytes, path, contents.budget)
  if (parsed.kind === 'other' && !isTable(bytes, parsed.table.header)) {
    contents.files.push({ path, table: 'unrecognised' })
    contents.diagnostics.push({ path, offset: 0, message: 'no ACPI table: the bytes have no header of one.' })
    return
  }
  const signature = parsed.kind === 'other' ? parsed.table.header.signature : parsed.kind
  contents.files.push({ path, table: signature })
  if (parsed.kind === 'other') return
  const before = contents.tables.get(signature)
  if (!before) {
    contents.tables.set(signature, { path, bytes, parsed })
  } else if (!sameBytes(before.bytes, bytes)) {
    const message = `${signature}: another one was taken from ${before.path}; Linux takes the first, and so does this judgement.`
    contents.diagnostics.push({ path, offset: 0, message, second: true })
  }
}

function addBlob(contents: Contents, { path, bytes }: NamedBytes): void {
  contents.files.push({ path, table: 'devicetree' })
  if (contents.tree) {
    const message = 'Device tree: another blob was given before; this one was not judged.'
    contents.diagnostics.push({ path, offset: 0, message })
    return
  }
  const blob = parseDeviceTreeBlob(bytes, path, contents.budget)
  contents.tree = blob.tree ? known(blob.tree, { path }) : unreadable('malformed', { path })
  for (const one of blob.diagnostics) contents.diagnostics.push(one)
}

function addFile(contents: Contents, file: NamedBytes): void {
  if (isDeviceTreeBlob(file.bytes)) {
    addBlob(contents, file)
    return
  }
  const { tables, diagnostics } = extractTables(file.bytes, file.path, contents.budget)
  for (const one of diagnostics) contents.diagnostics.push(one)
  for (const { bytes } of tables) addTable(contents, file.path, bytes)
  if (tables.length === 0) contents.files.push({ path: file.path, table: 'unrecognised' })
}

/** A table that was not among the files: nobody can tell what it says, unless the machine cannot have it. */
function notGiven(signature: string, possible: boolean): Fact<never> {
  const from = { path: `sys/firmware/acpi/tables/${signature}`, excerpt: NOT_GIVEN }
  return possible ? unreadable('io', from) : absent(from)
}

function acpiOf({ tables }: Contents, arm: boolean): AcpiTables {
  const given = tables.size > 0
  const fact = <T>(
    signature: string,
    possible: boolean,
    tableOf: (parsed: ParsedAcpiTable) => T | undefined,
  ): Fact<T> => {
    const found = tables.get(signature)
    const table = found && tableOf(found.parsed)
    return found && table !== undefined ? known(table, { path: found.path }) : notGiven(signature, possible)
  }
  return {
    names: given
      ? known([...tables.keys()], { path: 'sys/firmware/acpi/tables' })
      : absent({ path: 'sys/firmware/acpi' }),
    iort: fact('IORT', arm, (at) => (at.kind === 'IORT' ? at.table : undefined)),
    madt: fact('APIC', given, (at) => (at.kind === 'APIC' ? at.table : undefined)),
    dmar: fact('DMAR', false, (at) => (at.kind === 'DMAR' ? at.table : undefined)),
    ivrs: fact('IVRS', false, (at) => (at.kind === 'IVRS' ? at.table : undefined)),
    viot: fact('VIOT', false, (at) => (at.kind === 'VIOT' ? at.table : undefined)),
    mcfg: fact('MCFG', given, (at) => (at.kind === 'MCFG' ? at.table : undefined)),
    rimt: fact('RIMT', false, (at) => (at.kind === 'RIMT' ? at.table : undefined)),
  }
}

/** Arm by its tables: an IORT, or a MADT with GIC structures. */
function architectureOf({ tables, tree }: Contents): Fact<Architecture> {
  const madt = tables.get('APIC')?.parsed
  const from = { path: 'proc/cpuinfo', excerpt: 'told by the tables' }
  const gic = madt?.kind === 'APIC' && madt.table.entries.some(({ type }) => type.startsWith('gic'))
  if (tables.has('IORT') || gic) return known('arm64', from)
  if (tables.has('DMAR') || tables.has('IVRS')) return known('x86_64', from)
  if (tables.has('RIMT')) return known('riscv64', from)
  return tree ? known('arm64', from) : unreadable('io', from)
}

/** A machine of which nothing but its firmware is known. */
function firmwareMachine(contents: Contents, origin: Origin): Machine {
  const untold = (path: string): Fact<never> => unreadable('io', { path, excerpt: NOT_GIVEN })
  const architecture = architectureOf(contents)
  const arm = architecture.state === 'known' && architecture.value === 'arm64' && contents.tables.size > 0
  return {
    origin,
    kernel: {
      release: untold('proc/sys/kernel/osrelease'),
      architecture,
      commandLine: untold('proc/cmdline'),
      configuration: untold('boot/config'),
      parameters: new Map(),
      loadedModules: untold('sys/module'),
      modprobeOptions: untold('etc/modprobe.d'),
      deviceNodes: untold('dev'),
      log: untold('var/log/dmesg'),
    },
    virtualization: { virtualized: 'unknown', evidence: untold('sys/class/dmi/id') },
    dmi: { vendor: untold('sys/class/dmi/id/sys_vendor'), product: untold('sys/class/dmi/id/product_name') },
    firmware: {
      version: untold('sys/class/dmi/id/bios_version'),
      date: untold('sys/class/dmi/id/bios_date'),
      fingerprint: untold('sys/firmware'),
    },
    functions: untold('sys/bus/pci/devices'),
    pciNames: new Map(),
    groups: untold('sys/kernel/iommu_groups'),
    iommus: untold('sys/class/iommu'),
    platformDevices: [],
    interrupts: {
      byNumber: new Map(),
      procInterrupts: untold('proc/interrupts'),
      domains: untold('sys/kernel/debug/irq/domains'),
      domainChains: new Map(),
    },
    acpi: acpiOf(contents, arm),
    deviceTree: contents.tree ?? absent({ path: 'sys/firmware/devicetree/base', excerpt: NOT_GIVEN }),
  }
}

/**
 * The firmware of one machine from its files, each recognised by content: binary tables, text of acpidump, iasl or
 * acpiview, and device-tree blobs. Never throws; what is no table or a second one of its kind is in the diagnostics.
 * Tables that are not among the files are unreadable, not absent; with blobs alone there is no ACPI, and the reverse.
 */
export function machineFromFiles(files: readonly NamedBytes[]): FirmwareInput {
  const contents: Contents = { tables: new Map(), tree: undefined, files: [], diagnostics: [], budget: new Budget() }
  for (const file of files) addFile(contents, file)
  const [first] = files
  const name = files.length === 1 && first ? first.path : `${files.length} files`
  const machine = firmwareMachine(contents, { kind: 'sysroot', name })
  return { machine, source: { kind: 'files', name }, files: contents.files, diagnostics: contents.diagnostics }
}

/** The firmware of a machine of which only the device tree is there, as a directory. */
export function machineFromTree(tree: Fact<DeviceTree>, name: string): FirmwareInput {
  const contents: Contents = {
    tables: new Map(),
    tree,
    files: [{ path: name, table: 'devicetree' }],
    diagnostics: [],
    budget: new Budget(),
  }
  const machine = firmwareMachine(contents, { kind: 'sysroot', name })
  return { machine, source: { kind: 'files', name }, files: contents.files, diagnostics: [] }
}
