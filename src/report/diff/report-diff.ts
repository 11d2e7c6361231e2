import { isJsonObject, type JsonObject } from '../json-value.js'
import type { DiffArea, DiffChange, DiffReport, DiffSide, SingleChange } from './diff-types.js'
import { comparedInPart, settingChanges, tableChanges } from './machine-changes.js'
import { reportChanges } from './report-changes.js'

const RANK: ReadonlyMap<string, number> = new Map([
  ['not-isolated', 0],
  ['unknown', 1],
  ['isolated-with-caveats', 2],
  ['isolated', 3],
])

function directionOf({ field, before, after }: SingleChange): DiffChange['direction'] {
  if (field !== 'verdict' && field !== 'effectiveVerdict') return 'none'
  // What came counts by what it is; what went can do no harm.
  if (after === undefined) return 'none'
  const [was, is] = [RANK.get(before ?? 'isolated') ?? 1, RANK.get(after) ?? 1]
  return is < was ? (before === undefined && is > 1 ? 'none' : 'weaker') : is > was ? 'stronger' : 'none'
}

const AREAS: readonly DiffArea[] = [
  'verdicts',
  'kernel',
  'devices',
  'groups',
  'platform',
  'settings',
  'tables',
  'components',
  'findings',
  'unread',
]

/** Of a link of the way, and of an answer of the kernel, the field that the others follow. */
const LEADING: Readonly<Record<string, string>> = { chain: 'kind', kernel: 'outcome' }

/** A part of a function that has a leading field, and which field of it this is: `chain.iommu`, `streamIds`. */
function partOf({ subject, path }: SingleChange): { readonly part: string; readonly field: string } | undefined {
  const [room, link, field, ...deeper] = path
  if (!room || !link || !field || deeper.length > 0) return undefined
  if (!('field' in room) || !('field' in link) || !('field' in field) || !(room.field in LEADING)) return undefined
  return { part: `${subject} ${room.field} ${link.field}`, field: field.field }
}

/** The domain that the host keeps a device in is a setting of its own. */
const INDEPENDENT: ReadonlySet<string> = new Set(['hostDomain'])
const LEADS: ReadonlySet<string> = new Set(Object.values(LEADING))

/** What says nothing more: a verdict of its own that moves like the deciding one, and what follows from another kind. */
function withoutEchoes(singles: readonly SingleChange[]): readonly SingleChange[] {
  const key = ({ subject, before, after }: SingleChange) => JSON.stringify([subject, before, after])
  const deciding = new Set(singles.filter(({ field }) => field === 'effectiveVerdict').map(key))
  const parts = new Map(singles.map((single) => [single, partOf(single)]))
  const led = new Set([...parts.values()].flatMap((one) => (one && LEADS.has(one.field) ? [one.part] : [])))
  return singles.filter((single) => {
    if (single.area === 'verdicts' && single.field === 'verdict' && deciding.has(key(single))) return false
    const own = parts.get(single)
    return !own || LEADS.has(own.field) || INDEPENDENT.has(own.field) || !led.has(own.part)
  })
}

/** The same change of many is one. */
function joined(singles: readonly SingleChange[]): readonly DiffChange[] {
  const changes = new Map<string, DiffChange & { readonly subjects: string[] }>()
  for (const single of singles) {
    const { area, subject, field, before = 'none', after = 'none', kind } = single
    const key = JSON.stringify([area, field, before, after, kind])
    const found = changes.get(key)
    if (found) found.subjects.push(subject)
    else {
      const direction = area === 'verdicts' ? directionOf(single) : 'none'
      changes.set(key, { area, subjects: subject === '' ? [] : [subject], field, before, after, kind, direction })
    }
  }
  return [...changes.values()].sort((one, other) => AREAS.indexOf(one.area) - AREAS.indexOf(other.area))
}

/** Endpoints are what is handed out: the verdict of a bridge changes nothing for anybody. */
function endpointsOf(report: JsonObject): ReadonlySet<string> {
  const devices: readonly unknown[] = Array.isArray(report['devices']) ? report['devices'] : []
  return new Set(
    devices
      .filter(isJsonObject)
      .flatMap(({ role, address }) => (role === 'endpoint' && typeof address === 'string' ? [address] : [])),
  )
}

/** What differs between two reports of one machine or of two, and whether anything got weaker. */
export function diffReports(before: DiffSide, after: DiffSide): DiffReport {
  const singles = [...reportChanges(before, after), ...settingChanges(before, after), ...tableChanges(before, after)]
  const [were, are] = [endpointsOf(before.report), endpointsOf(after.report)]
  const judged = withoutEchoes(singles)
    .filter(({ area, subject }) => area !== 'verdicts' || were.has(subject) || are.has(subject))
    // What was no endpoint before, or was not there, came.
    .map((single): SingleChange =>
      were.has(single.subject) || single.area !== 'verdicts' ? single : { ...single, before: undefined, kind: 'came' },
    )
  const changes = joined(judged)
  const isWeaker = changes.some(({ field, direction }) => field === 'effectiveVerdict' && direction === 'weaker')
  const side = ({ report: { source, tool, platform } }: DiffSide) => ({ source, tool, platform })
  return {
    schema: 'intremap/diff',
    schemaVersion: '1.0.0',
    before: side(before),
    after: side(after),
    changes,
    comparedInPart: comparedInPart(before, after),
    exitCode: isWeaker ? 1 : 0,
  }
}
