import type { IndexedReport } from '../report-index.js'
import type { DeviceReport, Reason, Report } from '../../report/types.js'
import { caveatWithRule } from '../words/caveat-words.js'
import { causeSentences, commonCause } from '../words/cause-words.js'
import { addressesShortened, caveatsOf, worstFirst } from '../words/device-words.js'
import { becauseWords, shortWords } from '../words/reason-in-report.js'
import { REASON_WORDS } from '../words/reason-words.js'
import { howNotCollected } from '../words/unread-words.js'
import { prose, type Block } from '../layout/document.js'
import { capitalized, count } from '../layout/text-layout.js'
import type { RenderOptions } from '../types.js'
import { endpointsOf, isGood } from '../words/verdict-words.js'

const SHOWN = 3

/** Word of the table's last column and what it means. A meaning that begins with the word needs no lead. */
function entryBlock(word: string, meaning: string): Block {
  const sentence = capitalized(meaning).replace(/\.?$/, '.')
  const text = sentence.toLowerCase().startsWith(word.toLowerCase()) ? sentence : `${word}: ${sentence}`
  return prose('  ', text)
}

const CAUSES_SHOWN = 2

/** What a reason means, and the causes of it here where the answer does not name the one that all have. */
function reasonMeaning(reason: Reason, bad: readonly DeviceReport[], report: Report): string {
  const because = becauseWords(reason, report)
  const notIsolated = bad.filter(({ verdict }) => verdict === 'not-isolated')
  if (commonCause(notIsolated, report) !== undefined) return because
  const causes = causeSentences(
    bad.filter((device) => device.reason === reason),
    report,
  )
  const left = causes.length - CAUSES_SHOWN
  const more = left > 0 ? [`${count(left, 'more cause')}: --all.`] : []
  return [`${because}.`, ...causes.slice(0, CAUSES_SHOWN), ...more].join(' ')
}

/** What the words of the table's last column mean, for what is not simply isolated; if all is, why it is. */
export function whySection(report: IndexedReport, options: RenderOptions): readonly Block[] {
  const endpoints = worstFirst(endpointsOf(report), report)
  const shortened = addressesShortened(report)
  const isLeftOut = howNotCollected(report) === 'not collected'
  const bad = endpoints.filter(({ verdict }) => !isGood(verdict))
  const entries = new Map<string, string>()
  for (const device of endpoints) {
    const { reason } = device
    const short = shortWords(reason, report)
    // Its word says all there is to say.
    if (reason === 'unreadable' && isLeftOut) continue
    if (!isGood(device.verdict) && !entries.has(short)) {
      entries.set(short, reasonMeaning(reason, bad, report))
    }
    for (const rule of caveatsOf(device, report)) {
      const word = caveatWithRule(rule)
      if (entries.has(word)) continue
      const finding = report.findings.find((item) => item.rule === rule && item.devices.includes(device.address))
      if (finding) entries.set(word, shortened(finding.summary))
    }
  }
  const [first] = endpoints
  if (entries.size === 0 && first && isGood(first.verdict))
    entries.set(REASON_WORDS[first.reason].short, REASON_WORDS[first.reason].because)
  const shown = options.all ? [...entries] : [...entries].slice(0, SHOWN)
  const left = entries.size - shown.length
  return [
    ...shown.map(([word, meaning]) => entryBlock(word, meaning)),
    ...(left > 0 ? [prose('  ', `${left} more: --all`)] : []),
  ]
}
