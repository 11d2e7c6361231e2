import type { IdRange } from '../../kernel/ids/id-ranges.js'
import type { IdNode, IdSpace, IdStep } from '../../kernel/ids/id-way.js'
import { hex } from '../../machine/identifiers.js'
import type { Machine } from '../../machine/machine.js'
import { mappingEvidence, nodeSubject, nodeWords } from '../acpi/iort-judgement.js'
import { propertyEvidence } from '../devicetree/devicetree-judgement.js'
import type { Evidence } from '../rule.js'

/** A node as people know it: `root complex of segment 0 at 0x98`, or its path. */
export function idNodeWords(node: IdNode): string {
  return 'path' in node ? node.path : nodeWords(node)
}

/** Subject of a finding about a node. */
export function idNodeSubject(node: IdNode): string {
  return 'path' in node ? node.path : nodeSubject(node)
}

/** `ITS 0`: the one that Linux uses of a group; an SMMU by its node, in a tree both by their path. */
export function spaceWords({ target }: IdSpace): string {
  return 'itsIds' in target ? `ITS ${target.itsIds[0] ?? ''}` : idNodeWords(target)
}

/** `0x0`, or `0x0 to 0xff`. */
export function idWords({ first, last }: IdRange): string {
  return first === last ? hex(first) : `${hex(first)} to ${hex(last)}`
}

/** Up to four ranges. */
export function idRangesWords(ranges: readonly IdRange[]): string {
  const shown = ranges.slice(0, 4).map(idWords).join(', ')
  return ranges.length > 4 ? `${shown} and ${ranges.length - 4} more ranges` : shown
}

/** Where steps were read, each place once. */
export function stepsEvidence(machine: Machine, steps: readonly IdStep[]): readonly Evidence[] {
  const path = machine.acpi.iort.from[0]?.path ?? 'sys/firmware/acpi/tables/IORT'
  const places = new Map<object, Evidence>()
  for (const step of steps) {
    if ('mapping' in step) places.set(step.mapping, mappingEvidence({ path }, step.mapping))
    else places.set(step.node.properties.get(step.property) ?? step.node, propertyEvidence(step.node, step.property))
  }
  return [...places.values()]
}
