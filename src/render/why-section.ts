import type { Report } from '../report/types.js'
import { caveatsOf, worstFirst } from './device-words.js'
import { REASON_WORDS } from './reason-words.js'
import { capitalized, wrapWords } from './text-layout.js'
import type { RenderOptions } from './types.js'
import { endpointsOf, isGood } from './verdict-words.js'

const SHOWN = 3

/** Word of the table's last column and what it means. A meaning that begins with the word needs no lead. */
function entryLines(word: string, meaning: string, columns: number): readonly string[] {
  const sentence = capitalized(meaning).replace(/\.?$/, '.')
  const text = sentence.toLowerCase().startsWith(word.toLowerCase()) ? sentence : `${word}: ${sentence}`
  return wrapWords(text, columns - 4).map((line, index) => `${index === 0 ? '  ' : '    '}${line}`)
}

/** What the words of the table's last column mean, for what is not simply isolated; if all is, why it is. */
export function whySection(report: Report, options: RenderOptions): readonly string[] {
  const endpoints = worstFirst(endpointsOf(report), report)
  const entries = new Map<string, string>()
  for (const device of endpoints) {
    const { short, because } = REASON_WORDS[device.reason]
    if (!isGood(device.verdict)) entries.set(short, because)
    for (const rule of caveatsOf(device, report)) {
      const finding = report.findings.find((item) => item.rule === rule && item.devices.includes(device.address))
      if (finding && !entries.has(rule)) entries.set(rule, finding.summary)
    }
  }
  const [first] = endpoints
  if (entries.size === 0 && first) entries.set(REASON_WORDS[first.reason].short, REASON_WORDS[first.reason].because)
  const shown = options.all ? [...entries] : [...entries].slice(0, SHOWN)
  const left = entries.size - shown.length
  return [
    ...shown.flatMap(([word, meaning]) => entryLines(word, meaning, options.columns)),
    ...(left > 0 ? [`  ${left} more: --all`] : []),
  ]
}
