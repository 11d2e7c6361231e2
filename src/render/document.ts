import type { Verdict } from '../report/types.js'
import { Expansions } from './expansions.js'
import { styleOf } from './style.js'
import { hangingParagraph } from './text-layout.js'
import type { RenderOptions } from './types.js'

/** Widest text that is comfortable to read; a table may be wider. */
const PROSE_WIDTH = 100

export type Tone = 'plain' | 'quiet' | Verdict

/** A piece of an output, before it is broken into lines. */
export type Block =
  | { readonly kind: 'blank' }
  | { readonly kind: 'heading'; readonly text: string }
  /** Our own words: acronyms are expanded at their first use. `most` is a number of lines after which it is cut. */
  | {
      readonly kind: 'prose'
      readonly lead: string
      readonly text: string
      readonly tone: Tone
      readonly most?: number
    }
  /** Text of the machine, as it is. */
  | { readonly kind: 'exact'; readonly lead: string; readonly text: string; readonly most?: number }
  /** Lines that are laid out; a line before them expands what they use first. */
  | { readonly kind: 'table'; readonly lines: readonly string[] }

export const blank: Block = { kind: 'blank' }
export const heading = (text: string): Block => ({ kind: 'heading', text })
export const prose = (lead: string, text: string, most?: number): Block => ({
  kind: 'prose',
  lead,
  text,
  tone: 'plain',
  ...(most === undefined ? {} : { most }),
})
export const toned = (tone: Tone, text: string): Block => ({ kind: 'prose', lead: '', text, tone })
export const exact = (lead: string, text: string, most?: number): Block => ({
  kind: 'exact',
  lead,
  text,
  ...(most === undefined ? {} : { most }),
})
export const table = (lines: readonly string[]): Block => ({ kind: 'table', lines })

/** The first `most` lines, with a sign where more was said. */
function cut(lines: readonly string[], most: number | undefined, width: number): readonly string[] {
  if (most === undefined || lines.length <= most) return lines
  const kept = lines.slice(0, most)
  const last = kept.pop() ?? ''
  const open = [...kept, last].join('').split('"').length % 2 === 0
  return [...kept, `${last.slice(0, width - 4)} ..${open ? '"' : ''}`]
}

/** The lines of an output, in the order of its blocks. */
export function layOut(blocks: readonly Block[], options: RenderOptions): readonly string[] {
  const style = styleOf(options.colorLevel)
  const width = Math.min(options.columns, PROSE_WIDTH)
  const expansions = new Expansions()
  return blocks.flatMap((block): readonly string[] => {
    switch (block.kind) {
      case 'blank':
        return ['']
      case 'heading':
        return [style.heading(block.text)]
      case 'prose': {
        const lines = cut(hangingParagraph(block.lead, expansions.prose(block.text), width), block.most, width)
        const { tone } = block
        if (tone === 'plain') return lines
        return lines.map((line) => (tone === 'quiet' ? style.quiet(line) : style.verdict(tone, line)))
      }
      case 'exact':
        return cut(hangingParagraph(block.lead, block.text, width), block.most, width)
      case 'table': {
        const caption = expansions.caption(block.lines.join('\n'))
        const words = caption === undefined ? [] : hangingParagraph('   ', caption, width)
        return [...words.map((line) => style.quiet(line)), ...block.lines]
      }
    }
  })
}
