import { indexed } from '../report-index.js'
import type { Report } from '../../report/types.js'
import { answerSentence } from './answer-sentence.js'
import { deviceTable } from './device-table.js'
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
import { refusalsSection } from './refusals-section.js'
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

/** The report for people: the answer, the worst first, what the kernel would say, what to do, what is missing. */
export function renderHumanProbe(raw: Report, options: RenderOptions): string {
  const report = indexed(escapeAll(raw))
  const { verdict, text } = answerSentence(report)
  const devices = deviceTable(report, options)
  const sections: readonly (readonly [string, readonly Block[]])[] = [
    ['Why', whySection(report, options)],
    ['Groups', groupsSection(report, options)],
    ['Hand out', options.assignable === true ? assignableSection(report, options) : []],
    ['Exit code', gateSection(report, options)],
    ['Kernel', kernelSection(report, options)],
    ['Refusals', refusalsSection(report, options)],
    ['What to do', stepsSection(report, options)],
    ['Findings', options.all ? allFindings(report) : []],
    ['Not read', unreadSection(report, options)],
    ['What would tell most', nextPieceSection(report)],
  ]
  const closing = [options.all ? undefined : findingNumbers(report), strengthLine(report)].filter(
    (line) => line !== undefined,
  )
  const condition = verdict === 'unknown' ? conditionWords(endpointsOf(report)) : ''
  const blocks: readonly Block[] = [
    toned(verdict, condition === '' ? text : `${text} ${condition}`),
    toned('quiet', machineLine(report)),
    ...(devices.length > 0 ? [blank, table(devices)] : []),
    ...sections.flatMap(([title, body]) => (body.length > 0 ? [blank, heading(title), ...body] : [])),
    ...(closing.length > 0 ? [blank] : []),
    ...closing.map((line) => prose('', line)),
  ]
  return `${layOut(blocks, options).join('\n')}\n`
}
