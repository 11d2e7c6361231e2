import { isJsonObject, type JsonObject } from '../json-value.js'
import type { DiffArea, DiffSide, SingleChange } from './diff-types.js'
import {
  pathText,
  textOrNone,
  valueChanges,
  valueText,
  type ItemStep,
  type Path,
  type ValueChange,
} from './value-changes.js'

/** What is no fact about the machine, or follows from others. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'schema',
  'schemaVersion',
  'source',
  'summary',
  'exitCode',
  'inputs',
  'nextPiece',
  'evidence',
  'references',
  'remedy',
  'extent',
])
/** What follows from something else that is compared, or changes from boot to boot, by list. */
const ALSO_LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  devices: ['findings', 'cause', 'strength', 'assignable', 'name', 'vectorsInUse', 'vfioDevice'],
  // Groups are numbered anew at each boot.
  groups: ['id', 'holders'],
  findings: ['cause', 'summary', 'devices', 'actor'],
  iommus: ['devices'],
  msiControllers: ['devices'],
  platform: ['kernelReleaseObserved', 'gateRelease'],
  unread: ['area'],
}

/** What a change of a list of the report, or of one of its fields, belongs to. */
function areaOf(list: string, path: Path): DiffArea {
  const [first] = path
  const name = !first ? '' : 'field' in first ? first.field : first.list
  switch (list) {
    case 'devices':
      if (name === 'verdict' || name === 'effectiveVerdict' || name === 'reason') return 'verdicts'
      return name === 'kernel' || name === 'obstacles' ? 'kernel' : 'devices'
    case 'groups':
      return 'groups'
    case 'findings':
      return 'findings'
    case 'iommus':
    case 'msiControllers':
    case 'platformDevices':
      return 'components'
    case 'unread':
      return 'unread'
    default:
      return 'platform'
  }
}

/** What is told of an item that came or went, instead of each of its fields. */
const TELLING: Readonly<Record<string, string>> = {
  devices: 'effectiveVerdict',
  groups: 'verdict',
  findings: 'severity',
  iommus: 'kind',
  msiControllers: 'kind',
  platformDevices: 'driver',
  unread: 'reason',
}

/** Groups by their first member, so that a number means nothing. */
function byMember(groups: unknown): unknown {
  if (!Array.isArray(groups)) return groups
  const items: readonly unknown[] = groups
  return items.map((group) => {
    const members: unknown = isJsonObject(group) ? group['devices'] : undefined
    return isJsonObject(group) && Array.isArray(members)
      ? { address: `of ${String(members[0] ?? group['id'])}`, ...group }
      : group
  })
}

/** Another number of a group is none; to have one or not is. */
function isRenumbered(field: string, { before, after }: ValueChange): boolean {
  const isNumber = (value: unknown) => typeof value === 'string' && /^\d+$/.test(value)
  return field === 'iommuGroup' && isNumber(before) && isNumber(after)
}

/** An item of the report that came or went, by the one of its fields that tells most. */
function wholeItem({ list, item }: ItemStep, { before, after }: ValueChange): SingleChange | undefined {
  const field = TELLING[list]
  if (field === undefined) return undefined
  const told = (value: unknown) => (isJsonObject(value) ? textOrNone(value[field]) : undefined)
  const [was, is] = [told(before), told(after)]
  if (was === is) return undefined
  const kind = before === undefined ? 'came' : 'gone'
  return { area: areaOf(list, [{ field }]), subject: item, path: [{ field }], field, before: was, after: is, kind }
}

/** A value that both have, or an item of a list inside of one that both have. */
function partOf(list: string, subject: string, path: Path, { before, after }: ValueChange): SingleChange | undefined {
  const last = path.at(-1)
  const single = { area: areaOf(list, path), subject, path, field: pathText(path), kind: 'changed' } as const
  if (before !== undefined && after !== undefined)
    return { ...single, before: valueText(before), after: valueText(after) }
  // A field that only one version of the report has is no difference of the machines.
  if (!last || 'field' in last) return undefined
  const field = pathText([...path.slice(0, -1), { field: last.list }])
  const called = (value: unknown) => (value === undefined ? undefined : last.item)
  return { ...single, field, before: called(before), after: called(after) }
}

/** A report as it is compared. */
function comparable(report: JsonObject): JsonObject {
  const kept = Object.entries(report).filter(([key]) => !LEFT_OUT.has(key))
  return Object.fromEntries(kept.map(([key, value]) => [key, key === 'groups' ? byMember(value) : value]))
}

/** What two reports say otherwise, value by value; an item that came or went is told once. */
export function* reportChanges(before: DiffSide, after: DiffSide): Generator<SingleChange> {
  const [was, is] = [comparable(before.report), comparable(after.report)]
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const without = new Set([...LEFT_OUT, ...(ALSO_LEFT_OUT[key] ?? [])])
    for (const change of valueChanges({ [key]: was[key] }, { [key]: is[key] }, [], (field) => without.has(field))) {
      const single = singleOf(key, change)
      // Where the tables themselves are compared, that they differ is no news.
      const isFingerprint = single?.field === 'platform.machine.firmwareFingerprint'
      if (single && !(isFingerprint && before.tables.size > 0 && after.tables.size > 0)) yield single
    }
  }
}

function singleOf(key: string, change: ValueChange): SingleChange | undefined {
  const [first, ...rest] = change.path
  if (!first) return undefined
  if ('field' in first) return partOf(key, '', change.path, change)
  if (rest.length === 0) return wholeItem(first, change)
  const single = partOf(key, first.item, rest, change)
  return single && isRenumbered(single.field, change) ? undefined : single
}
