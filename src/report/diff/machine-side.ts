import type { DumpList } from '../../machine/acpi-dump.js'
import type { Machine } from '../../machine/machine.js'
import type { Decoded, DecodedDocument } from '../decode/decode.js'
import type { DecodedDeviceTree } from '../decode/decoded-devicetree.js'
import type { Report } from '../types.js'
import type { DiffSide, FirmwareContent } from './diff-types.js'

/** `word of the command line: quiet` → `given`; parameters of loaded modules by name. */
function settingsOf({ kernel }: Machine): ReadonlyMap<string, string> {
  const settings = new Map<string, string>()
  for (const word of kernel.commandLine.state === 'known' ? kernel.commandLine.value : []) {
    settings.set(`kernel command line: ${word}`, 'given')
  }
  for (const { module, name, value } of kernel.parameters.values()) {
    if (value.state === 'known') settings.set(`${module}.${name}`, value.value)
  }
  return settings
}

/** Records that a list and those inside of it have and that are not decoded. */
function leftOutOfList({ records, leftOut = 0 }: DumpList): number {
  return records.flatMap(({ lists }) => lists).reduce((sum, list) => sum + leftOutOfList(list), leftOut)
}

/** Nodes and properties likewise. */
const leftOutOfTree = ({ nodes, nodesLeftOut = 0 }: DecodedDeviceTree): number =>
  nodes.reduce((sum, { propertiesLeftOut = 0 }) => sum + propertiesLeftOut, nodesLeftOut)

/** What is compared, by what it is called. */
export function contentOf(document: DecodedDocument): readonly [string, FirmwareContent] {
  switch (document.kind) {
    case 'acpi': {
      const table = document.json
      const { records } = document.dump
      return [table.table, { kind: 'acpi', table, leftOut: records ? leftOutOfList(records) : 0 }]
    }
    case 'devicetree':
      return ['device tree', { kind: 'devicetree', tree: document.tree, leftOut: leftOutOfTree(document.tree) }]
  }
}

/** A machine, to be compared with another. */
export function machineSide(machine: Machine, report: Report, { documents }: Decoded): DiffSide {
  return { report: { ...report }, settings: settingsOf(machine), tables: new Map(documents.map(contentOf)) }
}
