import type { DeviceReport, FindingReport, Report, Verdict } from '../../report/types.js'
import { escapeAll } from '../layout/escape.js'
import { markup } from '../layout/markup.js'
import { enumerate } from '../layout/text-layout.js'
import { answerSentence } from '../probe/answer-sentence.js'
import { machineLine } from '../probe/machine-line.js'
import { severestFirst } from '../../report/severity.js'
import { indexed, type IndexedReport } from '../report-index.js'
import { ACTOR_WORDS, actionsOf } from '../sections/steps-section.js'
import { topologySvg } from '../topology/svg.js'
import { assignableWords } from '../words/assignable-words.js'
import { columnWords } from '../words/class-words.js'
import { addressWords, whyWords, worstFirst } from '../words/device-words.js'
import { evidenceWords } from '../words/evidence-words.js'
import { endpointsOf, VERDICT_WORDS } from '../words/verdict-words.js'
import { PAGE_SCRIPT, PAGE_STYLE } from './html-page.js'

const DEVICES_NAMED = 8

const element = (name: string, content: string, attributes = '') =>
  `<${name}${attributes === '' ? '' : ` ${attributes}`}>${content}</${name}>`
const text = (name: string, content: string, attributes = '') => element(name, markup(content), attributes)

function verdictMark(verdict: Verdict): string {
  const { sign, words } = VERDICT_WORDS[verdict]
  return element('span', `<b aria-hidden="true">${markup(sign)}</b> ${markup(words)}`, `class="verdict ${verdict}"`)
}

function deviceRow(device: DeviceReport, report: IndexedReport, place: number): string {
  const { effectiveVerdict, driver, iommuGroup, assignable } = device
  const cells = [
    element('td', verdictMark(effectiveVerdict), `data-order="${place}"`),
    text('td', addressWords(report)(device.address), 'class="code"'),
    text('td', columnWords(device)),
    text('td', driver, 'class="code"'),
    text('td', iommuGroup, `data-order="${markup(iommuGroup.padStart(6, '0'))}"`),
    text('td', whyWords(device, report)),
    text('td', assignable.answer, `title="${markup(assignableWords(assignable))}"`),
  ]
  return element('tr', cells.join(''))
}

function deviceTable(report: IndexedReport): string {
  const devices = worstFirst(endpointsOf(report), report)
  if (devices.length === 0) return ''
  const head = ['Verdict', 'Device', 'What', 'Driver', 'Group', 'Why', 'May be handed out']
    .map((title) => element('th', text('button', title, 'type="button"'), 'scope="col"'))
    .join('')
  const rows = devices.map((device, place) => deviceRow(device, report, place)).join('\n')
  return `${text('h2', 'Devices')}<div class="wide"><table class="sortable"><thead>${element('tr', head)}</thead><tbody>${rows}</tbody></table></div>`
}

function stepList(report: IndexedReport): string {
  const short = addressWords(report)
  const items = actionsOf(report).map(({ actor, text: words, rules, devices }) => {
    const about = [enumerate([...rules], DEVICES_NAMED), enumerate([...devices].map(short), DEVICES_NAMED)]
      .filter((part) => part !== '')
      .join(': ')
    return element(
      'li',
      `${text('span', ACTOR_WORDS[actor], 'class="actor"')} ${markup(words)} ${text('small', about)}`,
    )
  })
  return items.length > 0 ? `${text('h2', 'What to do')}${element('ol', items.join('\n'))}` : ''
}

function findingItem({ rule, severity, subject, summary, evidence, remedy }: FindingReport): string {
  const places = [...new Set(evidence.map(evidenceWords))].map((words) => element('li', text('code', words)))
  const head = `${text('b', rule)} ${text('span', severity, `class="severity ${severity}"`)} ${markup(subject)}: ${markup(summary)}`
  const step = remedy === '' || remedy === 'none' ? '' : text('p', remedy)
  return element('details', `${element('summary', head)}${step}${element('ul', places.join(''))}`)
}

/** A page that needs nothing but itself, and no script to be read: answer, steps, devices, picture, findings. */
export function renderHtml(raw: Report): string {
  const report = indexed(escapeAll(raw))
  const { verdict, text: answer } = answerSentence(report)
  const findings = severestFirst(report.findings).map(findingItem)
  const unread = report.unread.map(({ source, reason, extent }) =>
    element('li', `${text('code', source)} ${markup(reason)}${extent === 'whole' ? '' : `, ${markup(extent)}`}`),
  )
  const body = [
    text('h1', 'Can each device raise only its own interrupts?'),
    text('p', answer, `class="answer ${verdict}"`),
    text('p', machineLine(report), 'class="quiet"'),
    stepList(report),
    deviceTable(report),
    `${text('h2', 'The way of interrupts')}<div class="wide">${topologySvg(report)}</div>`,
    findings.length > 0 ? `${text('h2', `Findings (${findings.length})`)}${findings.join('\n')}` : '',
    unread.length > 0 ? `${text('h2', 'Not read')}${element('ul', unread.join(''))}` : '',
    text('footer', `intremap ${report.tool.version}, rules of ${report.tool.ruleset}`),
  ]
  const title = markup(`intremap: ${VERDICT_WORDS[verdict].phrase}`)
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">`,
    `<title>${title}</title><style>${PAGE_STYLE}</style></head><body>`,
    ...body.filter((part) => part !== ''),
    `<script>${PAGE_SCRIPT}</script></body></html>`,
    '',
  ].join('\n')
}
