import { indexed } from '../report-index.js'
import type { Report } from '../../report/types.js'
import { answerSentence } from './answer-sentence.js'
import { deviceTable, ROWS_SHOWN } from './device-table.js'
import { refusalsSection } from './refusals-section.js'
import { assignableSection } from './assignable-section.js'
import { blank, exact, heading, layOut, prose, table, toned, type Block } from '../layout/document.js'
import { escapeAll } from '../layout/escape.js'
import { allFindings, findingNumbers } from './findings-section.js'
import { groupsSection } from './groups-section.js'
import { conditionWords } from '../words/condition-words.js'
import { machineLine } from './machine-line.js'
import { gateSection } from '../sections/gate-section.js'
import { kernelSection } from '../sections/kernel-section.js'
import { stepsSection } from '../sections/steps-section.js'
import type { RenderOptions } from '../types.js'
import { unreadSection } from './unread-section.js'
import { endpointsOf, isGood } from '../words/verdict-words.js'
import { whySection } from './why-section.js'

/** The last line: a good verdict that no interrupt in use and no kernel log line stands behind. */
function strengthLine(report: Report): string | undefined {
  const good = endpointsOf(report).filter((device) => isGood(device.verdict))
  const described = good.filter((device) => device.strength === 'described')
  if (described.length === 0) return undefined
  const some = described.length < good.length ? ` (${described.length} of ${good.length} isolated devices)` : ''
  return `Firmware alone says so${some}: no interrupt in use confirms it.`
}

/** The one thing to ask for next, as a command to copy. */
function nextPieceSection({ nextPiece, devices }: Report): readonly Block[] {
  const isOpen = devices.length === 0 || devices.some(({ verdict }) => verdict === 'unknown')
  if (nextPiece === undefined || nextPiece === 'none' || !isOpen) return []
  const { what, command, tells } = nextPiece
  return [
    prose(
      '  ',
      `${what}: ${tells}. On the machine:`.replace(/^./, (first) => first.toUpperCase()),
    ),
    exact('    ', command),
  ]
}

/** Lines of an ordinary terminal. */
const SCREEN = 24
/** Rows of the table that stay whatever else there is to say, beside those of devices that are not good enough. */
const LEAST_ROWS = 6

/** Titles and what stands below them; the empty ones are left out. */
type Sections = readonly (readonly [title: string, body: readonly Block[]])[]

const sectionBlocks = (sections: Sections): readonly Block[] =>
  sections.flatMap(([title, body]) => (body.length > 0 ? [blank, heading(title), ...body] : []))

/**
 * The lines of a report that fit a screen if they can: first what says nothing new goes, then rows of the table, the best
 * first. What does not fit even so is shown as it is.
 *
 * @param lay the lines with so many rows of the table, with or without what says nothing new
 * @param least rows that stay
 */
function fitted(
  lay: (most: number, isBrief: boolean) => readonly string[],
  least: number,
  screen: number,
): readonly string[] {
  const whole = lay(ROWS_SHOWN, false)
  if (whole.length <= screen) return whole
  const brief = lay(ROWS_SHOWN, true)
  if (brief.length <= screen) return brief
  const most = Math.max(least, ROWS_SHOWN - (brief.length - screen))
  if (most >= ROWS_SHOWN) return whole
  const short = lay(most, true)
  return short.length <= screen ? short : whole
}

/** The report for people: the answer, the worst first, what the kernel would say, what to do, what is missing. */
export function renderHumanProbe(raw: Report, options: RenderOptions): string {
  const report = indexed(escapeAll(raw))
  const { verdict, text } = answerSentence(report)
  const allIsWell = verdict === 'isolated'
  const why: Sections = [['Why', whySection(report, options)]]
  const sections: Sections = [
    ['Refusals', refusalsSection(report, options)],
    ['Groups', groupsSection(report, options)],
    ['Hand out', options.assignable === true ? assignableSection(report, options) : []],
    ['Exit code', gateSection(report, options)],
    ['Kernel', kernelSection(report, options)],
    ['What to do', stepsSection(report, options)],
    ['Findings', options.all ? allFindings(report) : []],
    ['Not read', unreadSection(report, options)],
    ['What would tell most', nextPieceSection(report)],
  ]
  const condition = verdict === 'unknown' ? conditionWords(endpointsOf(report)) : ''
  const answer = toned(verdict, condition === '' ? text : `${text} ${condition}`)
  const numbers = options.all ? undefined : findingNumbers(report)
  const hasFindings = report.findings.some(({ severity }) => severity !== 'info')
  const lay = (most: number, isBrief: boolean) => {
    const devices = deviceTable(report, options, most)
    // That all is well the rows say too; findings that are no more than information can wait for --all.
    const closing = [isBrief && !hasFindings ? undefined : numbers, strengthLine(report)]
    const last = closing.filter((line) => line !== undefined)
    return layOut(
      [
        answer,
        toned('quiet', machineLine(report)),
        ...(devices.length > 0 ? [blank, table(devices)] : []),
        ...sectionBlocks(isBrief && allIsWell ? sections : [...why, ...sections]),
        ...(last.length > 0 ? [blank] : []),
        ...last.map((line) => prose('', line)),
      ],
      options,
    )
  }
  const bad = endpointsOf(report).filter(({ effectiveVerdict }) => !isGood(effectiveVerdict)).length
  const screen = options.rows === undefined ? SCREEN : options.rows - 1
  const lines = options.all ? lay(ROWS_SHOWN, false) : fitted(lay, Math.max(LEAST_ROWS, bad + 1), screen)
  // Where the first lines have scrolled away the answer is the last one too.
  const scrolls = options.rows !== undefined && lines.length >= options.rows
  const again = scrolls ? layOut([blank, answer], options) : []
  return `${[...lines, ...again].join('\n')}\n`
}
