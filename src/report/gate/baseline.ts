import { REASONS } from '../../rules/verdict.js'
import { canonicalDeviceAddress } from '../device-address.js'
import { isJsonObject } from '../json-value.js'

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

/** Entries of a baseline at most: more than a host has devices and rules. */
const MOST_ENTRIES = 10_000
/** Mistakes that are told. */
const MISTAKES_TOLD = 5
const FIELDS: ReadonlySet<string> = new Set(['schema', 'schemaVersion', 'description', 'accepted'])
const ENTRY_FIELDS: ReadonlySet<string> = new Set(['accepts', 'device', 'reason', 'expires'])
const WORDS: ReadonlySet<string> = new Set(REASONS)

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

/** A day of the calendar, as ISO 8601 writes it. */
function isDay(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false
  const time = Date.parse(`${value}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value)
}

const isSubject = (value: unknown): value is string =>
  typeof value === 'string' && (/^IR\d{3}$/.test(value) || WORDS.has(value))

function parseEntry(value: unknown, index: number): AcceptedEntry | readonly string[] {
  const at = `accepted[${index}]`
  if (!isJsonObject(value)) return [`${at} is no object`]
  const { accepts, device, reason, expires } = value
  const address = typeof device === 'string' ? canonicalDeviceAddress(device) : undefined
  const unknown = Object.keys(value).filter((field) => !ENTRY_FIELDS.has(field))
  const mistakes = [
    ...(isSubject(accepts) ? [] : [`${at}.accepts is no rule such as IR101 and no reason of a verdict`]),
    ...(device === undefined || address !== undefined ? [] : [`${at}.device is no PCI address`]),
    ...(isText(reason) ? [] : [`${at}.reason does not say why`]),
    ...(isDay(expires) ? [] : [`${at}.expires is no day such as 2027-01-31`]),
    ...unknown.map((field) => `${at} has no field ${field}`),
  ]
  if (mistakes.length > 0 || !isSubject(accepts) || !isText(reason) || !isDay(expires)) return mistakes
  return { accepts, ...(address === undefined ? {} : { device: address }), reason, expires }
}

/** The baseline in a JSON document, or what is wrong with it; half of one is none. */
export function parseBaseline(name: string, value: unknown): Baseline | readonly string[] {
  if (!isJsonObject(value)) return ['it is no object']
  const { schema, schemaVersion, description, accepted } = value
  const list: readonly unknown[] = Array.isArray(accepted) ? accepted : []
  const mistakes = [
    ...(schema === 'intremap/baseline' ? [] : ['schema is not intremap/baseline']),
    ...(typeof schemaVersion === 'string' && schemaVersion.startsWith('1.') ? [] : ['schemaVersion is not 1.x']),
    ...(description === undefined || typeof description === 'string' ? [] : ['description is no text']),
    ...(Array.isArray(accepted) ? [] : ['accepted is no list']),
    ...(list.length > MOST_ENTRIES ? [`accepted has ${list.length} entries, more than ${MOST_ENTRIES}`] : []),
    ...Object.keys(value)
      .filter((field) => !FIELDS.has(field))
      .map((field) => `there is no field ${field}`),
  ]
  const entries: AcceptedEntry[] = []
  for (const [index, item] of list.slice(0, MOST_ENTRIES).entries()) {
    const entry = parseEntry(item, index)
    if ('accepts' in entry) entries.push(entry)
    else for (const mistake of entry) mistakes.push(mistake)
  }
  if (mistakes.length === 0) return { name, entries }
  const left = mistakes.length - MISTAKES_TOLD
  return left > 0 ? [...mistakes.slice(0, MISTAKES_TOLD), `${left} more`] : mistakes
}
