import type { Report } from '../../report/types.js'
import { prose, type Block } from '../layout/document.js'
import { assignableWords } from '../words/assignable-words.js'
import { addressWords, devicesInWords } from '../words/device-words.js'
import type { RenderOptions } from '../types.js'
import { endpointsOf } from '../words/verdict-words.js'

const RANK = { no: 0, unknown: 1, yes: 2 } as const

/** Which devices may be handed out, what may not be first; devices with the same answer together. */
export function assignableSection(report: Report, options: RenderOptions): readonly Block[] {
  const short = addressWords(report)
  const shown = options.all ? Number.POSITIVE_INFINITY : 4
  const answers = new Map<string, { readonly rank: number; readonly addresses: string[] }>()
  for (const { address, assignable } of endpointsOf(report)) {
    const words = assignableWords(assignable)
    const entry = answers.get(words) ?? { rank: RANK[assignable.answer], addresses: [] }
    entry.addresses.push(short(address))
    answers.set(words, entry)
  }
  return [...answers]
    .sort(([, one], [, other]) => one.rank - other.rank)
    .map(([words, { addresses }]) => prose('  ', `${devicesInWords(addresses, report, shown)} ${words}.`))
}
