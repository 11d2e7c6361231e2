import type { Report, UnreadReport } from '../../report/types.js'
import { exact, prose, type Block } from '../layout/document.js'
import { count, enumerate } from '../layout/text-layout.js'
import type { RenderOptions } from '../types.js'
import { areasInWords, howToCollect } from '../words/unread-words.js'

const FAILURE_WORDS: Record<Exclude<UnreadReport['reason'], 'permission' | 'not-collected'>, string> = {
  malformed: 'damaged',
  io: 'read error',
  'too-large': 'larger than any such file',
}

const WHOLE = 'whole'
/** Files read in part, and names of an archive that were passed over, that are told without `--all`. */
const SHOWN_IN_PART = 3

/** Many paths in few words: what kind of thing they are. */
function kindsOf(sources: readonly string[]): readonly string[] {
  const kinds = new Map<string, string[]>()
  for (const source of sources) {
    const [kind, item] = kindOf(source)
    const items = kinds.get(kind)
    if (items) items.push(item)
    else kinds.set(kind, [item])
  }
  return [...kinds].map(([kind, items]) => {
    if (kind === 'config') return `configuration space of ${count(items.length, 'function')}`
    if (kind === 'tables') return `ACPI ${items.length === 1 ? 'table' : 'tables'} ${enumerate(items, 5)}`
    return items.length > 1 ? `${kind} (${count(items.length, 'file')})` : (items[0] ?? kind)
  })
}

function kindOf(source: string): readonly [string, string] {
  const name = source.slice(source.lastIndexOf('/') + 1)
  if (name === 'config' && source.includes('/devices/')) return ['config', source]
  if (/firmware\/acpi\/tables\/[^/]+$/.test(source)) return ['tables', name]
  if (/firmware\/acpi\/tables\/?$/.test(source)) return ['ACPI tables', 'the ACPI tables']
  if (source.includes('kernel/debug')) return ['debugfs', source]
  if (source.includes('log/dmesg')) return ['kernel log', 'the kernel log']
  if (source.includes('firmware/devicetree') || source.endsWith('firmware/fdt')) return ['device tree', source]
  return [source.slice(0, source.lastIndexOf('/')) || source, source]
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
  const denied = whole.filter(({ reason }) => reason === 'permission').map(({ source }) => source)
  const lines: string[] = []
  if (denied.length > 0) {
    const advice =
      report.source.kind === 'live' || report.source.kind === 'sysroot'
        ? 'Run as root to read them.'
        : 'Whoever captured this could not read them.'
    lines.push(`Permission denied: ${kindsOf(denied).join('; ')}. ${advice}`)
  }
  const missed = whole.filter(({ reason }) => reason === 'not-collected').map(({ source }) => source)
  // Who pasted texts is told the next of them, not the areas of a machine.
  if (missed.length > 0 && !(report.source.kind === 'bundle' && report.nextPiece !== 'none')) {
    lines.push(`Not collected: ${areasInWords(missed).join('; ')}.`)
    for (const one of howToCollect(missed, report.source.kind === 'live')) lines.push(one)
  }
  for (const [reason, words] of Object.entries(FAILURE_WORDS)) {
    const sources = whole.filter((item) => item.reason === reason).map(({ source }) => source)
    if (sources.length > 0)
      lines.push(`${words}: ${enumerate(sources, 2)}.`.replace(/^./, (first) => first.toUpperCase()))
  }
  for (const { source, extent } of inPart.slice(0, SHOWN_IN_PART)) {
    lines.push(
      `${kindsOf([source]).join('')}: ${extent}.`.replace(/^the (.)/, (_, first: string) => first.toUpperCase()),
    )
  }
  const left = inPart.length - SHOWN_IN_PART
  if (left > 0) lines.push(`And ${left} more, shown with --all.`)
  return lines.map((line) => prose('  ', line))
}
