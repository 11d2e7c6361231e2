import type { DiffArea, DiffChange, DiffReport } from '../../report/diff/diff-types.js'
import { blank, exact, heading, layOut, prose, toned, type Block } from '../layout/document.js'
import { escapeAll } from '../layout/escape.js'
import { capitalized, count, enumerate } from '../layout/text-layout.js'
import type { RenderOptions } from '../types.js'

const TITLES: Record<DiffArea, string> = {
  verdicts: 'Verdicts',
  kernel: "The kernel's answers",
  devices: 'Devices and their routes',
  groups: 'Groups',
  platform: 'Platform',
  settings: 'Settings',
  tables: 'Firmware',
  components: 'IOMMUs, MSI controllers and platform devices',
  findings: 'Findings',
  unread: 'Not read',
}
const CHANGES_SHOWN = 8
const SUBJECTS_SHOWN = 3

const SUMMARY: Record<'weaker' | 'stronger' | 'other' | 'same', readonly [sign: string, text: string]> = {
  weaker: ['!!', 'WEAKER'],
  stronger: ['ok', 'STRONGER'],
  other: ['ok', 'NOT WEAKER'],
  same: ['ok', 'EQUAL'],
}

function nameOf(side: DiffReport['before']): string {
  const { source } = side
  if (typeof source !== 'object' || source === null || !('name' in source) || !('kind' in source)) return 'a report'
  return source.kind === 'live' ? 'this host' : String(source.name)
}

/** Devices whose deciding verdict went that way. */
const moved = ({ changes }: DiffReport, way: DiffChange['direction']) =>
  changes
    .filter(({ area, field, direction }) => area === 'verdicts' && field === 'effectiveVerdict' && direction === way)
    .flatMap(({ subjects }) => subjects)

function summary(diff: DiffReport): Block {
  const weaker = moved(diff, 'weaker')
  const stronger = moved(diff, 'stronger')
  const kind =
    diff.exitCode === 1 ? 'weaker' : diff.changes.length === 0 ? 'same' : stronger.length > 0 ? 'stronger' : 'other'
  const [sign, word] = SUMMARY[kind]
  const compared = diff.comparedInPart.length > 0 ? 'that was compared ' : ''
  const parts = [
    ...(kind === 'weaker'
      ? [`${count(weaker.length, 'device')} weaker than before: ${enumerate(weaker, SUBJECTS_SHOWN)}`]
      : []),
    ...(stronger.length > 0
      ? [`${count(stronger.length, 'device')} stronger: ${enumerate(stronger, SUBJECTS_SHOWN)}`]
      : []),
    ...(weaker.length + stronger.length === 0
      ? [kind === 'same' ? `nothing ${compared}differs` : 'no verdict changed']
      : []),
  ]
  return toned(kind === 'weaker' ? 'not-isolated' : 'isolated', `${sign} ${word}: ${parts.join('; ')}.`)
}

/** What came or went, and what it is or was. */
function comingWords({ kind, before, after }: DiffChange): string | undefined {
  switch (kind) {
    case 'changed':
      return undefined
    case 'came':
      return `new (${after})`
    case 'gone':
      return `gone (${before})`
  }
}

function changeWords(change: DiffChange, shown: number): string {
  const { area, subjects, field, before, after } = change
  const whom = subjects.length === 0 ? '' : `${enumerate(subjects, shown)}: `
  const coming = comingWords(change)
  if (coming !== undefined) return `${whom}${coming}`
  if (area === 'settings' && (before === 'given' || after === 'given')) {
    return `${field}: ${after === 'given' ? 'added' : 'removed'}`
  }
  const what =
    field === 'effectiveVerdict' ? '' : field === 'verdict' && area === 'verdicts' ? 'by itself ' : `${field}: `
  return `${whom}${what}${before} -> ${after}`
}

/** Where a comparison ended before what was compared. */
function partWords({ subject, leftOutBefore, leftOutAfter }: DiffReport['comparedInPart'][number]): Block {
  const left = `${leftOutBefore} nodes, properties or records of the one and ${leftOutAfter} of the other`
  return prose('', `${capitalized(subject)}: only the beginning was compared; ${left} were not.`)
}

function section(area: DiffArea, changes: readonly DiffChange[], options: RenderOptions): readonly Block[] {
  const shown = options.all ? changes : changes.slice(0, CHANGES_SHOWN)
  const left = changes.length - shown.length
  const subjects = options.all ? Number.POSITIVE_INFINITY : SUBJECTS_SHOWN
  return [
    blank,
    heading(TITLES[area]),
    ...shown.map((change) => exact('  ', changeWords(change, subjects), options.all ? undefined : 3)),
    ...(left > 0 ? [prose('  ', `${left} more: --all`)] : []),
  ]
}

/** What differs, verdicts first. */
export function renderHumanDiff(raw: DiffReport, options: RenderOptions): string {
  const diff = escapeAll(raw)
  const areas = [...new Set(diff.changes.map(({ area }) => area))]
  const blocks = [
    summary(diff),
    toned('quiet', `before: ${nameOf(diff.before)}; after: ${nameOf(diff.after)}`),
    ...diff.comparedInPart.map(partWords),
    ...areas.flatMap((area) =>
      section(
        area,
        diff.changes.filter((change) => change.area === area),
        options,
      ),
    ),
  ]
  return `${layOut(blocks, options).join('\n')}\n`
}
