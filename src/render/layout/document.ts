import type { Verdict } from '../../report/types.js'
import { Expansions } from '../terms/expansions.js'
import { styleOf } from './style.js'
import { hangingParagraph } from './text-layout.js'
import type { RenderOptions } from '../types.js'

/** Widest text that is comfortable to read; a table may be wider. */
const PROSE_WIDTH = 100

export type Tone = 'plain' | 'quiet' | Verdict

/** A piece of an output, before it is broken into lines. */
export type Block =
  | { readonly kind: 'blank' }
  | { readonly kind: 'heading'; readonly text: string }
  /** Our own words: acronyms are expanded at their first use, where everything is shown. */
  | { readonly kind: 'prose'; readonly lead: string; readonly text: string; readonly tone: Tone }
  /** Text of the machine, as it is. `most` is a number of lines after which it is cut. */
  | { readonly kind: 'exact'; readonly lead: string; readonly text: string; readonly most?: number }
  /** Lines that are laid out; where everything is shown, a line before them expands what they use first. */
  | { readonly kind: 'table'; readonly lines: readonly string[] }

export const blank: Block = { kind: 'blank' }
export const heading = (text: string): Block => ({ kind: 'heading', text })
export const prose = (lead: string, text: string): Block => ({ kind: 'prose', lead, text, tone: 'plain' })
export const toned = (tone: Tone, text: string): Block => ({ kind: 'prose', lead: '', text, tone })
export const exact = (lead: string, text: string, most?: number): Block => ({
  kind: 'exact',
  lead,
  text,
  ...(most === undefined ? {} : { most }),
})
export const table = (lines: readonly string[]): Block => ({ kind: 'table', lines })

/** Breaks words that are longer than a line, such as paths, where they have a slash. */
function breakLongWords(text: string, room: number): string {
  return text
    .split(' ')
    .map((word) => {
      let rest = word
      const parts: string[] = []
      while (rest.length > room) {
        const slash = rest.lastIndexOf('/', room - 1)
        const cut = slash > 0 ? slash : room
        parts.push(rest.slice(0, cut))
        rest = rest.slice(cut)
      }
      return [...parts, rest].join(' ')
    })
    .join(' ')
}

/** As much of a text as `most` lines hold, with a sign where more was said; an open quotation is closed. */
function cutWords(text: string, kept: number): string {
  const words = text.split(' ')
  if (kept >= words.length) return text
  const shown = words.slice(0, kept).join(' ')
  return `${shown} ..${shown.split('"').length % 2 === 0 ? '"' : ''}`
}

interface Paragraph {
  readonly lead: string
  readonly text: string
  readonly most?: number
}

/**
 * Lines of a paragraph, at most `most`. It is cut at a word, so that an expansion is there whole or not at all.
 *
 * @param expand gives the text its expansions; called with parts of the text, of which the last is the one shown
 */
function linesOf({ lead, text, most }: Paragraph, width: number, expand: (text: string) => string): readonly string[] {
  const lay = (shown: string) => hangingParagraph(lead, breakLongWords(expand(shown), width - lead.length), width)
  if (most === undefined) return lay(text)
  for (let kept = text.split(' ').length; kept > 1; kept -= 1) {
    const lines = lay(cutWords(text, kept))
    if (lines.length <= most) return lines
  }
  return lay(cutWords(text, 1)).slice(0, most)
}

/** A NUL, which no escaped text holds, stands for the second of two spaces while words are wrapped. */
function exactLines({ text, ...block }: Paragraph, width: number): readonly string[] {
  const lines = linesOf({ ...block, text: text.replaceAll('  ', ' \0') }, width, (part) => part)
  return lines.map((line) => line.replaceAll('\0', ' '))
}

/**
 * The lines of an output, in the order of its blocks. Acronyms are expanded only where everything is shown: who looks at
 * a screen of it every day knows them, and `explain TERM` tells the others.
 */
export function layOut(blocks: readonly Block[], options: RenderOptions): readonly string[] {
  const style = styleOf(options.colorLevel)
  const width = Math.min(options.columns, PROSE_WIDTH)
  let expansions = new Expansions()
  /** Every attempt starts from what the blocks before have expanded. */
  const paragraph = (block: Paragraph): readonly string[] => {
    const before = expansions
    return linesOf(block, width, (text) => {
      if (!options.all) return text
      expansions = before.copy()
      return expansions.prose(text)
    })
  }
  return blocks.flatMap((block): readonly string[] => {
    switch (block.kind) {
      case 'blank':
        return ['']
      case 'heading':
        return paragraph({ lead: '', text: block.text }).map((line) => style.heading(line))
      case 'prose': {
        const lines = paragraph(block)
        const { tone } = block
        if (tone === 'plain') return lines
        return lines.map((line) => (tone === 'quiet' ? style.quiet(line) : style.verdict(tone, line)))
      }
      case 'exact':
        return exactLines(block, width)
      case 'table': {
        const caption = options.all ? expansions.caption(block.lines.join('\n')) : undefined
        const words = caption === undefined ? [] : hangingParagraph('   ', caption, width)
        return [...words.map((line) => style.quiet(line)), ...block.lines]
      }
    }
  })
}
