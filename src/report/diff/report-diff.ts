import { addLeaves, changedLeaves, isRecord, type LeafChange } from './leaves.js'

export type DiffArea =
  | 'verdicts'
  | 'devices'
  | 'kernel'
  | 'groups'
  | 'findings'
  | 'platform'
  | 'settings'
  | 'tables'
  | 'components'
  | 'unread'

/** The same change, of everything that has it. */
export interface DiffChange {
  readonly area: DiffArea
  /** Addresses, groups, rules, files; empty for the machine itself. */
  readonly subjects: readonly string[]
  /** What of them. */
  readonly field: string
  /** `none` on the side that has it not. */
  readonly before: string
  readonly after: string
  /** Whether isolation became weaker or stronger by it; `none` for what is no verdict. */
  readonly direction: 'weaker' | 'stronger' | 'none'
}

/** One of the two that are compared: a report, and where it was made from a machine what else is known of that. */
export interface DiffSide {
  /** A report, of this or an earlier version. */
  readonly report: Readonly<Record<string, unknown>>
  /** Words of the command line and module parameters. */
  readonly settings: ReadonlyMap<string, string>
  /** Tables and trees field by field. */
  readonly tables: ReadonlyMap<string, unknown>
}

export interface DiffReport {
  readonly schema: 'intremap/diff'
  readonly schemaVersion: string
  readonly before: { readonly source: unknown; readonly tool: unknown; readonly platform: unknown }
  readonly after: { readonly source: unknown; readonly tool: unknown; readonly platform: unknown }
  readonly changes: readonly DiffChange[]
  /** 1 where an endpoint is weaker than before, or one that came is not isolated or unknown; else 0. */
  readonly exitCode: 0 | 1
}

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
const TABLE_LEFT_OUT: ReadonlySet<string> = new Set([
  'length',
  'checksum',
  'damaged',
  'cell',
  'offset',
  'typeCode',
  'typedBy',
  'diagnostics',
])

const RANK: ReadonlyMap<string, number> = new Map([
  ['not-isolated', 0],
  ['unknown', 1],
  ['isolated-with-caveats', 2],
  ['isolated', 3],
])

function directionOf(field: string, { before, after }: LeafChange): DiffChange['direction'] {
  if (field !== 'verdict' && field !== 'effectiveVerdict') return 'none'
  // What came counts by what it is; what went can do no harm.
  if (after === undefined) return 'none'
  const [was, is] = [RANK.get(before ?? 'isolated') ?? 1, RANK.get(after) ?? 1]
  return is < was ? (before === undefined && is > 1 ? 'none' : 'weaker') : is > was ? 'stronger' : 'none'
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

function itemsOf(report: Readonly<Record<string, unknown>>, leaves: ReadonlyMap<string, string>): ReadonlySet<string> {
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
    const members: unknown = isRecord(group) ? group['devices'] : undefined
    return isRecord(group) && Array.isArray(members)
      ? { address: `of ${String(members[0] ?? group['id'])}`, ...group }
      : group
  })
}

function leavesOfReport(report: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>()
  for (const [key, value] of Object.entries(report)) {
    if (LEFT_OUT.has(key)) continue
    const without = new Set([...LEFT_OUT, ...(ALSO_LEFT_OUT[key] ?? [])])
    addLeaves(leaves, key === 'groups' ? byMember(value) : value, key, without)
  }
  return leaves
}

interface Single extends LeafChange {
  readonly area: DiffArea
  readonly subject: string
  readonly field: string
}

/** Another number of a group is none; to have one or not is. */
function isRenumbered(field: string, { before, after }: LeafChange): boolean {
  return field === 'iommuGroup' && /^\d+$/.test(before ?? '') && /^\d+$/.test(after ?? '')
}

function* reportChanges(before: DiffSide, after: DiffSide): Generator<Single> {
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

function* settingChanges(before: DiffSide, after: DiffSide): Generator<Single> {
  for (const change of changedLeaves(before.settings, after.settings)) {
    yield { ...change, area: 'settings', subject: '', field: change.path }
  }
}

/** `nodes[0x48].fields.flags` → `0x48 flags`, `nodes[/its@0].properties[status].value.strings` → `/its@0 status`. */
function placeOf(path: string): string {
  return path
    .replace(/^(?:nodes|structures|entries|blocks|allocations)\[([^\]]*)\]\.?/, '$1 ')
    .replace(/^([^ ]* )properties\[([^\]]*)\]\.(?:value\.)?(?:strings|cells|hex)?/, '$1$2')
    .replace(/(^| )fields\./, '$1')
    .trim()
}

function* tableChanges(before: DiffSide, after: DiffSide): Generator<Single> {
  for (const name of new Set([...before.tables.keys(), ...after.tables.keys()])) {
    const [was, is] = [before, after].map(({ tables }) => {
      const leaves = new Map<string, string>()
      if (tables.has(name)) addLeaves(leaves, tables.get(name), '', TABLE_LEFT_OUT)
      return leaves
    })
    if (was === undefined || is === undefined) continue
    if (was.size === 0 || is.size === 0) {
      const [one, other] = [was.size > 0 ? 'there' : undefined, is.size > 0 ? 'there' : undefined]
      yield { path: name, before: one, after: other, area: 'tables', subject: name, field: 'table' }
      continue
    }
    for (const change of changedLeaves(was, is)) {
      // The command line is told word by word, and the form of a value by the value.
      if (!/\.properties\[(?:bootargs\]|[^\]]{0,64}\]\.(?:name|value\.type)$)/.test(change.path)) {
        yield { ...change, area: 'tables', subject: name, field: placeOf(change.path) }
      }
    }
  }
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

/** A verdict of its own that moves like the deciding one says nothing more. */
function withoutEchoes(singles: readonly Single[]): readonly Single[] {
  const key = ({ subject, before, after }: Single) => JSON.stringify([subject, before, after])
  const deciding = new Set(singles.filter(({ field }) => field === 'effectiveVerdict').map(key))
  return singles.filter(
    (single) => !(single.area === 'verdicts' && single.field === 'verdict' && deciding.has(key(single))),
  )
}

/** The same change of many is one. */
function joined(singles: readonly Single[]): readonly DiffChange[] {
  const changes = new Map<string, DiffChange & { readonly subjects: string[] }>()
  for (const single of singles) {
    const { area, subject, field, before = 'none', after = 'none' } = single
    const key = JSON.stringify([area, field, before, after])
    const found = changes.get(key)
    if (found) found.subjects.push(subject)
    else {
      const direction = area === 'verdicts' ? directionOf(field, single) : 'none'
      changes.set(key, { area, subjects: subject === '' ? [] : [subject], field, before, after, direction })
    }
  }
  return [...changes.values()].sort((one, other) => AREAS.indexOf(one.area) - AREAS.indexOf(other.area))
}

/** Endpoints are what is handed out: the verdict of a bridge changes nothing for anybody. */
function endpointsOf(report: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const devices: readonly unknown[] = Array.isArray(report['devices']) ? report['devices'] : []
  return new Set(
    devices
      .filter(isRecord)
      .flatMap(({ role, address }) => (role === 'endpoint' && typeof address === 'string' ? [address] : [])),
  )
}

/** What differs between two reports of one machine or of two, and whether anything got weaker. */
export function diffReports(before: DiffSide, after: DiffSide): DiffReport {
  const singles = [...reportChanges(before, after), ...settingChanges(before, after), ...tableChanges(before, after)]
  const [were, are] = [endpointsOf(before.report), endpointsOf(after.report)]
  const judged = withoutEchoes(singles)
    .filter(({ area, subject }) => area !== 'verdicts' || were.has(subject) || are.has(subject))
    .map((single) =>
      were.has(single.subject) || single.area !== 'verdicts' ? single : { ...single, before: undefined },
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
    exitCode: isWeaker ? 1 : 0,
  }
}
