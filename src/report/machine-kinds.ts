import type { MachineKind } from '../rules/rule.js'
import type { Report } from './types.js'

/** What kinds of machine this is one of. */
export function machineKinds({
  architecture,
  firmware,
  virtualized,
}: Pick<Report['platform'], 'architecture' | 'firmware' | 'virtualized'>): ReadonlySet<MachineKind> {
  const tables = firmware === 'acpi' || firmware === 'acpi+devicetree'
  const tree = firmware === 'devicetree' || firmware === 'acpi+devicetree'
  return new Set<MachineKind>([
    ...(virtualized === 'yes' ? (['guest'] as const) : []),
    ...(architecture === 'x86_64' ? (['x86'] as const) : []),
    ...(architecture === 'arm64' && tables ? (['arm-acpi'] as const) : []),
    ...(tree ? (['devicetree'] as const) : []),
  ])
}
