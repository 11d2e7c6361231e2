import { blank, heading, layOut, prose, type Block } from '../layout/document.js'
import { escapeAll } from '../layout/escape.js'
import type { TermEntry } from './terms.js'
import type { RenderOptions } from '../types.js'

/** What one term means: its expansion, a sentence, the question behind it, the rule to read on. */
export function renderHumanTerm(raw: TermEntry, options: RenderOptions): string {
  const { term, kind, expansion, means, question, rule, source } = escapeAll(raw)
  const blocks: readonly Block[] = [
    heading(expansion === undefined ? `${term} (${kind})` : `${term}: ${expansion}`),
    prose('  ', means),
    ...(question === undefined ? [] : [blank, prose('  question  ', question)]),
    ...(rule === undefined ? [] : [prose('  rule      ', `intremap explain ${rule}`)]),
    ...(source === undefined ? [] : [blank, prose('  from      ', source)]),
  ]
  return `${layOut(blocks, { ...options, all: false }).join('\n')}\n`
}
