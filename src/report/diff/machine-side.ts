import type { Machine } from '../../machine/machine.js'
import type { Decoded, DecodedDocument } from '../decode/decode.js'
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

/** What is compared, by what it is called. */
export function contentOf(document: DecodedDocument): readonly [string, FirmwareContent] {
  switch (document.kind) {
    case 'acpi': {
      const table = document.json
      return [table.table, { kind: 'acpi', table }]
    }
    case 'devicetree':
      return ['device tree', { kind: 'devicetree', nodes: document.tree.nodes }]
  }
}

/** A machine, to be compared with another. */
export function machineSide(machine: Machine, report: Report, { documents }: Decoded): DiffSide {
  return { report: { ...report }, settings: settingsOf(machine), tables: new Map(documents.map(contentOf)) }
}
