import type { JsonSchema } from '../../shapes/json-schema.js'
import { Mistakes, shown, type Mistake } from '../../shapes/mistakes.js'
import { checkSchema } from '../../shapes/schema-check.js'
import { canonicalDeviceAddress } from '../device-address.js'

/** Something that is known and accepted for a time. */
export interface AcceptedEntry {
  /** A rule, or the reason of a verdict: `IR101`, `gicv2m`. */
  readonly accepts: string
  /** Of one function only; of all where it is left out. */
  readonly device?: string | undefined
  /** Why somebody accepts it. */
  readonly reason: string
  /** The last day on which it counts, `YYYY-MM-DD` in UTC. */
  readonly expires: string
}

export interface Baseline {
  /** The file. */
  readonly name: string
  readonly entries: readonly AcceptedEntry[]
}

/** The file, as its schema has it. */
export interface BaselineFile {
  readonly schema: 'intremap/baseline'
  readonly schemaVersion: string
  readonly description?: string
  readonly accepted: readonly AcceptedEntry[]
}

function conforms(value: unknown, schema: JsonSchema, mistakes: Mistakes): value is BaselineFile {
  checkSchema(schema, value, mistakes)
  return mistakes.isEmpty
}

/**
 * The baseline in a JSON document, or what is wrong with it; half of one is none.
 *
 * @param schema the published schema of baselines; a test holds that what it takes is a `BaselineFile`
 */
export function parseBaseline(name: string, value: unknown, schema: JsonSchema): Baseline | readonly Mistake[] {
  const mistakes = new Mistakes('baseline')
  if (!conforms(value, schema, mistakes)) return mistakes.list
  const entries = value.accepted.map((entry, index): AcceptedEntry => {
    if (entry.device === undefined) return entry
    const device = canonicalDeviceAddress(entry.device)
    if (device !== undefined) return { ...entry, device }
    mistakes.add(
      `accepted[${index}].device`,
      `expected a PCI address such as 0000:01:00.0, found ${shown(entry.device)}`,
    )
    return entry
  })
  return mistakes.isEmpty ? { name, entries } : mistakes.list
}
