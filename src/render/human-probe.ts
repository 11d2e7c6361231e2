import type { Report } from '../report/types.js'
import { answerSentence } from './answer-sentence.js'
import { deviceTable } from './device-table.js'
import { escapeAll } from './escape.js'
import { allFindings, findingNumbers } from './findings-section.js'
import { groupsSection } from './groups-section.js'
import { kernelSection } from './kernel-section.js'
import { stepsSection } from './steps-section.js'
import { styleOf } from './style.js'
import { count, hangingParagraph } from './text-layout.js'
import type { RenderOptions } from './types.js'
import { unreadSection } from './unread-section.js'
import { endpointsOf, isGood } from './verdict-words.js'
import { whySection } from './why-section.js'

/** Widest text that is comfortable to read; the table may be wider. */
const PROSE_WIDTH = 100

const FIRMWARE_WORDS: Record<Report['platform']['firmware'], string> = {
  acpi: 'ACPI',
  devicetree: 'device tree',
  'acpi+devicetree': 'ACPI and device tree',
  none: 'no firmware description',
  unknown: 'firmware description unknown',
}
const SOURCE_WORDS: Record<Report['source']['kind'], string> = {
  live: 'this host',
  sysroot: 'directory',
  bundle: 'bundle',
  emulated: 'bundled machine',
}

/** Which machine this is about. */
function machineLine(report: Report): string {
  const { source, platform } = report
  const name = source.kind === 'live' ? SOURCE_WORDS.live : `${SOURCE_WORDS[source.kind]} ${source.name}`
  const { kernelRelease, kernelReleaseObserved } = platform
  const asked = kernelRelease === kernelReleaseObserved ? '' : ` (judged as if ${kernelRelease} ran)`
  const guest = platform.virtualized === 'yes' ? ', a virtual machine' : ''
  return `${name}: ${platform.architecture}, ${FIRMWARE_WORDS[platform.firmware]}, Linux ${kernelReleaseObserved}${asked}${guest}`
}

/** The last line: a good verdict that no interrupt in use and no kernel log line stands behind. */
function strengthLine(report: Report): string | undefined {
  const good = endpointsOf(report).filter((device) => isGood(device.verdict))
  const described = good.filter((device) => device.strength === 'described')
  if (described.length === 0) return undefined
  const confirmed = 'no interrupt in use confirms what firmware says.'
  return described.length === good.length
    ? `Described, not observed: ${confirmed}`
    : `${count(described.length, 'isolated device')} described, not observed: ${confirmed}`
}

/** The report for people: the answer, the worst first, what the kernel would say, what to do, what is missing. */
export function renderHumanProbe(raw: Report, options: RenderOptions): string {
  const report = escapeAll(raw)
  const style = styleOf(options.colorLevel)
  const prose = { ...options, columns: Math.min(options.columns, PROSE_WIDTH) }
  const { verdict, text } = answerSentence(report)
  const lines = hangingParagraph('', text, prose.columns).map((line) => style.verdict(verdict, line))
  const output = [
    ...lines,
    ...hangingParagraph('', machineLine(report), prose.columns).map((line) => style.quiet(line)),
  ]
  const table = deviceTable(report, options)
  if (table.length > 0) output.push('', ...table)
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Why', whySection(report, prose)],
    ['Groups', groupsSection(report, prose)],
    ['Kernel', kernelSection(report, prose)],
    ['What to do', stepsSection(report, prose)],
    ['Findings', options.all ? allFindings(report, prose) : []],
    ['Not read', unreadSection(report, prose)],
  ]
  for (const [title, body] of sections) {
    if (body.length > 0) output.push('', style.heading(title), ...body)
  }
  const closing = [options.all ? undefined : findingNumbers(report), strengthLine(report)]
    .filter((line) => line !== undefined)
    .flatMap((line) => hangingParagraph('', line, prose.columns))
  if (closing.length > 0) output.push('', ...closing)
  return `${output.join('\n')}\n`
}
