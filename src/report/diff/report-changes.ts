import { isJsonObject, type JsonObject } from '../json-value.js'
import type { DiffArea, DiffSide, SingleChange } from './diff-types.js'
import { addLeaves, changedLeaves, type LeafChange } from './leaves.js'

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
  groups: ['id'],
  findings: ['cause', 'summary', 'devices', 'actor'],
  iommus: ['devices'],
  msiControllers: ['devices'],
  platform: ['kernelReleaseObserved', 'gateRelease'],
}

/** Splits `devices[0000:01:00.0].chain.iommu.kind` into list, item and field. */
function partsOf(path: string): { readonly list: string; readonly subject: string; readonly field: string } {
  const match = /^(\w+)\[([^\]]*)\](?:\.(.*))?$/s.exec(path)
  if (!match) return { list: path.split('.')[0] ?? '', subject: '', field: path }
  return { list: match[1] ?? '', subject: match[2] ?? '', field: match[3] ?? '' }
}

function areaOf(list: string, field: string): DiffArea {
  switch (list) {
    case 'devices':
      if (field === 'verdict' || field === 'effectiveVerdict' || field === 'reason') return 'verdicts'
      return field.startsWith('kernel.') || field === 'obstacles' ? 'kernel' : 'devices'
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

function itemsOf(report: JsonObject, leaves: ReadonlyMap<string, string>): ReadonlySet<string> {
  const items = new Set<string>()
  for (const path of leaves.keys()) {
    const { list, subject } = partsOf(path)
    if (subject !== '' && Array.isArray(report[list])) items.add(`${list}[${subject}]`)
  }
  return items
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

function leavesOfReport(report: JsonObject): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>()
  for (const [key, value] of Object.entries(report)) {
    if (LEFT_OUT.has(key)) continue
    const without = new Set([...LEFT_OUT, ...(ALSO_LEFT_OUT[key] ?? [])])
    addLeaves(leaves, key === 'groups' ? byMember(value) : value, key, without)
  }
  return leaves
}

/** Another number of a group is none; to have one or not is. */
function isRenumbered(field: string, { before, after }: LeafChange): boolean {
  return field === 'iommuGroup' && /^\d+$/.test(before ?? '') && /^\d+$/.test(after ?? '')
}

/** What two reports say otherwise, value by value; an item that came or went is told once. */
export function* reportChanges(before: DiffSide, after: DiffSide): Generator<SingleChange> {
  const [was, is] = [leavesOfReport(before.report), leavesOfReport(after.report)]
  const [had, has] = [itemsOf(before.report, was), itemsOf(after.report, is)]
  for (const change of changedLeaves(was, is)) {
    const { list, subject, field } = partsOf(change.path)
    const item = `${list}[${subject}]`
    const isWhole = subject !== '' && (!had.has(item) || !has.has(item))
    if (isWhole && field !== TELLING[list]) continue
    if (isRenumbered(field, change)) continue
    // Where the tables themselves are compared, that they differ is no news.
    if (field === 'platform.machine.firmwareFingerprint' && before.tables.size > 0 && after.tables.size > 0) continue
    // A field that only one version of the report has is no difference of the machines.
    if (!isWhole && (change.before === undefined || change.after === undefined)) continue
    yield { ...change, area: areaOf(list, field), subject, field }
  }
}
