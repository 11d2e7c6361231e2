import type { Report, UnreadReport } from '../../report/types.js'
import { exact, prose, type Block } from '../layout/document.js'
import { beyondEvidence } from '../sections/steps-section.js'
import { capitalized, count, enumerate } from '../layout/text-layout.js'
import type { RenderOptions } from '../types.js'
import { AREA_WORDS, areasInWords, howToCollect } from '../words/unread-words.js'

const FAILURE_WORDS: Record<Exclude<UnreadReport['reason'], 'permission' | 'not-collected'>, string> = {
  malformed: 'damaged',
  io: 'read error',
  'too-large': 'larger than any such file',
}

const WHOLE = 'whole'
/** Files read in part, and names of an archive that were passed over, that are told without `--all`. */
const SHOWN_IN_PART = 3
/** Files of no area that are named. */
const FILES_NAMED = 3

const TABLES = '/sys/firmware/acpi/tables'

/** Many files in few words: what they are evidence of. */
function kindsOf(unread: readonly UnreadReport[]): readonly string[] {
  const sources = new Map<UnreadReport['area'], string[]>()
  for (const { area, source } of unread) {
    const ofArea = sources.get(area)
    if (ofArea) ofArea.push(source)
    else sources.set(area, [source])
  }
  return [...sources].map(([area, paths]) => kindOf(area, paths))
}

function kindOf(area: UnreadReport['area'], sources: readonly string[]): string {
  const [first = '', ...others] = sources
  switch (area) {
    case 'configuration-space':
      return `configuration space of ${count(sources.length, 'function')}`
    case 'kernel-log':
      return AREA_WORDS[area]
    case 'acpi-tables': {
      if (sources.includes(TABLES)) return AREA_WORDS[area]
      const names = sources.map((source) => source.slice(source.lastIndexOf('/') + 1))
      return `ACPI ${others.length === 0 ? 'table' : 'tables'} ${enumerate(names, 5)}`
    }
    case 'other-files':
      return enumerate(sources, FILES_NAMED)
    case 'device-tree':
    case 'iommu-groups':
    case 'iommu-class':
    case 'pci-functions':
    case 'interrupts':
    case 'kernel-modules':
    case 'kernel-configuration':
    case 'modprobe-options':
    case 'device-nodes':
    case 'debugfs':
    case 'firmware':
      return others.length === 0 ? first : `${AREA_WORDS[area]} (${count(sources.length, 'file')})`
  }
}

/** What could not be read, and what running as root would add. */
export function unreadSection(report: Report, options: RenderOptions): readonly Block[] {
  if (report.unread.length === 0) return []
  if (options.all) {
    return report.unread.map(({ source, reason, extent }) =>
      exact('  ', `${source}: ${extent === WHOLE ? reason : extent}`),
    )
  }
  const inPart = report.unread.filter(({ extent }) => extent !== WHOLE)
  const whole = report.unread.filter(({ extent }) => extent === WHOLE)
  const denied = whole.filter(({ reason }) => reason === 'permission')
  const lines: string[] = []
  if (denied.length > 0) {
    const advice =
      report.source.kind === 'live' || report.source.kind === 'sysroot'
        ? 'Run as root to read them.'
        : 'Whoever captured this could not read them.'
    lines.push(`Permission denied: ${kindsOf(denied).join('; ')}. ${advice}`)
  }
  const missed = whole.filter(({ reason }) => reason === 'not-collected')
  // Who pasted texts is told the next of them, not the areas of a machine; and nothing where none tells better.
  const isSaid = report.nextPiece !== 'none' || beyondEvidence(report).length === report.devices.length
  if (missed.length > 0 && !(report.source.kind === 'bundle' && isSaid)) {
    lines.push(`Not collected: ${areasInWords(missed).join('; ')}.`)
    const areas = missed.map(({ area }) => area)
    for (const one of howToCollect(areas, report.source.kind === 'live')) lines.push(one)
  }
  for (const [reason, words] of Object.entries(FAILURE_WORDS)) {
    const sources = whole.filter((item) => item.reason === reason).map(({ source }) => source)
    if (sources.length > 0) lines.push(`${capitalized(words)}: ${enumerate(sources, 2)}.`)
  }
  for (const item of inPart.slice(0, SHOWN_IN_PART)) {
    const [kind = ''] = kindsOf([item])
    lines.push(`${capitalized(kind.replace(/^the /, ''))}: ${item.extent}.`)
  }
  const left = inPart.length - SHOWN_IN_PART
  if (left > 0) lines.push(`And ${left} more, shown with --all.`)
  return lines.map((line) => prose('  ', line))
}
