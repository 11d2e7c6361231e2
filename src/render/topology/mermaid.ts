import type { Report } from '../../report/types.js'
import { escapeAll } from '../layout/escape.js'
import { VERDICT_WORDS } from '../words/verdict-words.js'
import { topologyOf, type TopologyNode } from './graph.js'

/** Text of a quoted label: what would end it or be markup is written as a character reference of Mermaid. */
const labelText = (text: string) => text.replaceAll(/[#"<>&`\\;]/g, (character) => `#${character.codePointAt(0) ?? 0};`)

/** The picture for Markdown pages that draw Mermaid. */
export function renderTopologyMermaid(raw: Report): string {
  const report = escapeAll(raw)
  const lines: string[] = []
  let last = 0
  const visit = ({ kind, label, verdict, children }: TopologyNode, above: string | undefined): void => {
    const name = `n${(last += 1)}`
    const words = kind === 'functions' && verdict !== undefined ? ` (${VERDICT_WORDS[verdict].words})` : ''
    lines.push(`  ${name}["${labelText(`${label}${words}`)}"]`)
    if (verdict !== undefined) lines.push(`  class ${name} ${verdict.replaceAll('-', '')}`)
    if (above !== undefined) lines.push(`  ${name} --> ${above}`)
    for (const child of children) visit(child, name)
  }
  for (const child of topologyOf(report).children) visit(child, undefined)
  return [
    'flowchart LR',
    ...lines,
    '  classDef notisolated stroke:#b3261e,stroke-width:2px',
    '  classDef unknown stroke:#8a6100,stroke-width:2px,stroke-dasharray:4',
    '  classDef isolatedwithcaveats stroke:#5f6b00',
    '  classDef isolated stroke:#1b6e3c',
    '',
  ].join('\n')
}
