import type { Report } from '../report/types.js'
import { addressesShortened, caveatsOf, worstFirst } from './device-words.js'
import { REASON_WORDS } from './reason-words.js'
import { prose, type Block } from './document.js'
import { capitalized } from './text-layout.js'
import type { RenderOptions } from './types.js'
import { endpointsOf, isGood } from './verdict-words.js'

const SHOWN = 3

/** Word of the table's last column and what it means. A meaning that begins with the word needs no lead. */
function entryBlock(word: string, meaning: string): Block {
  const sentence = capitalized(meaning).replace(/\.?$/, '.')
  const text = sentence.toLowerCase().startsWith(word.toLowerCase()) ? sentence : `${word}: ${sentence}`
  return prose('  ', text)
}

/** What the words of the table's last column mean, for what is not simply isolated; if all is, why it is. */
export function whySection(report: Report, options: RenderOptions): readonly Block[] {
  const endpoints = worstFirst(endpointsOf(report), report)
  const shortened = addressesShortened(report)
  const entries = new Map<string, string>()
  for (const device of endpoints) {
    const { short, because } = REASON_WORDS[device.reason]
    if (!isGood(device.verdict)) entries.set(short, because)
    for (const rule of caveatsOf(device, report)) {
      if (entries.has(rule)) continue
      const finding = report.findings.find((item) => item.rule === rule && item.devices.includes(device.address))
      if (finding) entries.set(rule, shortened(finding.summary))
    }
  }
  const [first] = endpoints
  if (entries.size === 0 && first) entries.set(REASON_WORDS[first.reason].short, REASON_WORDS[first.reason].because)
  const shown = options.all ? [...entries] : [...entries].slice(0, SHOWN)
  const left = entries.size - shown.length
  return [
    ...shown.map(([word, meaning]) => entryBlock(word, meaning)),
    ...(left > 0 ? [prose('  ', `${left} more: --all`)] : []),
  ]
}
