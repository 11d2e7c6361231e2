import { indexed, type IndexedReport } from '../report-index.js'
import type { DeviceReport, FindingReport, Report } from '../../report/types.js'
import { escapeAll } from '../layout/escape.js'
import { plain } from '../layout/markdown.js'
import { enumerate } from '../layout/text-layout.js'
import { answerSentence } from '../probe/answer-sentence.js'
import { machineLine } from '../probe/machine-line.js'
import { severestFirst } from '../../report/severity.js'
import { ACTOR_WORDS, actionsOf } from '../sections/steps-section.js'
import { columnWords } from '../words/class-words.js'
import { addressWords, whyWords, worstFirst } from '../words/device-words.js'
import { evidenceWords } from '../words/evidence-words.js'
import { endpointsOf, VERDICT_WORDS } from '../words/verdict-words.js'

const DEVICES_NAMED = 6

/** A span of code; a backtick inside would end it. */
const code = (text: string) => `\`${text.replaceAll('`', "'")}\``
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

function deviceRow(device: DeviceReport, report: IndexedReport): string {
  const { sign, words } = VERDICT_WORDS[device.effectiveVerdict]
  return row([
    `${sign === '~~' ? '\\~\\~' : sign} ${words}`,
    addressWords(report)(device.address),
    ...[columnWords(device), device.driver, device.iommuGroup, whyWords(device, report)].map(plain),
  ])
}

function findingLines({ rule, severity, subject, summary, evidence }: FindingReport): readonly string[] {
  return [
    `- **${rule}** ${severity}, ${plain(subject)}: ${plain(summary)}`,
    ...[...new Set(evidence.map(evidenceWords))].map((text) => `  - ${code(text)}`),
  ]
}

function stepLines(report: IndexedReport): readonly string[] {
  const short = addressWords(report)
  return actionsOf(report).map(({ actor, text, rules, devices }, index) => {
    const about = [enumerate([...rules], DEVICES_NAMED), enumerate([...devices].map(short), DEVICES_NAMED)]
    const words = about.filter((part) => part !== '').join(': ')
    return `${index + 1}. **${ACTOR_WORDS[actor]}**: ${plain(text)}${words === '' ? '' : ` (${words})`}`
  })
}

/** Markdown to paste into an issue: answer, devices, what to do; the findings folded away with their evidence. */
export function renderMarkdown(raw: Report): string {
  const report = indexed(escapeAll(raw))
  const devices = worstFirst(endpointsOf(report), report)
  const steps = stepLines(report)
  const findings = severestFirst(report.findings)
  const { text } = answerSentence(report)
  const table =
    devices.length === 0
      ? []
      : [
          '',
          row(['Verdict', 'Device', 'What', 'Driver', 'Group', 'Why']),
          row(['---', '---', '---', '---', '---', '---']),
          ...devices.map((device) => deviceRow(device, report)),
        ]
  const unread = report.unread.map(({ source, reason }) => `- ${code(source)}: ${reason}`)
  const folded = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', `<details><summary>${title}</summary>`, '', ...lines, '', '</details>']
  return [
    `**${plain(text)}**`,
    '',
    plain(machineLine(report)),
    ...table,
    ...(steps.length > 0 ? ['', '### What to do', '', ...steps] : []),
    ...folded(`${findings.length} findings with their evidence`, findings.flatMap(findingLines)),
    ...folded(`${unread.length} pieces of evidence not read`, unread),
    '',
    `intremap ${report.tool.version}, rules of ${report.tool.ruleset}`,
    '',
  ].join('\n')
}
