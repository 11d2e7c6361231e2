import type { Report } from '../../report/types.js'
import { prose, type Block } from '../layout/document.js'
import { count } from '../layout/text-layout.js'
import type { RenderOptions } from '../types.js'

const SHOWN = 3
const MOST_CHARACTERS = 160

/** The refusals that are in the evidence, each with what it means: what people who paste a log ask about. */
export function refusalsSection({ refusals = [] }: Report, options: RenderOptions): readonly Block[] {
  const shown = options.all ? refusals : refusals.slice(0, SHOWN)
  const left = refusals.length - shown.length
  return [
    ...shown.map(({ line, says }) => {
      const excerpt = line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line
      return prose('  ', `"${excerpt}": ${says}`)
    }),
    ...(left > 0 ? [prose('  ', `${count(left, 'more refusal')}: --all`)] : []),
  ]
}
