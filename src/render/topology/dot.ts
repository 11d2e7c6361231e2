import type { Report, Verdict } from '../../report/types.js'
import { escapeAll } from '../layout/escape.js'
import { VERDICT_WORDS } from '../words/verdict-words.js'
import { topologyOf, type TopologyNode } from './graph.js'
import { wrapWords } from '../layout/text-layout.js'

const SHAPES: Record<TopologyNode['kind'], string> = {
  machine: 'plaintext',
  controller: 'box3d',
  iommu: 'component',
  port: 'box',
  functions: 'note',
}
const COLOURS: Record<Verdict, string> = {
  'not-isolated': '#b3261e',
  unknown: '#8a6100',
  'isolated-with-caveats': '#5f6b00',
  isolated: '#1b6e3c',
}
const LABEL_WIDTH = 36

/** A quoted string of DOT: backslash and quotation mark escaped; lines end with an escape of its own. */
const quoted = (lines: readonly string[]) =>
  `"${lines.map((line) => line.replaceAll('\\', '\\\\').replaceAll('"', '\\"')).join('\\n')}"`

/** The picture for Graphviz. Arrows go the way of an interrupt: from the functions to what raises it. */
export function renderTopologyDot(raw: Report): string {
  const report = escapeAll(raw)
  const lines: string[] = []
  let last = 0
  const visit = ({ kind, label, verdict, children }: TopologyNode, above: string | undefined): void => {
    const name = `n${(last += 1)}`
    const sign = verdict === undefined ? [] : [VERDICT_WORDS[verdict].words]
    const colour = verdict === undefined ? '#555555' : COLOURS[verdict]
    const text = quoted([...wrapWords(label, LABEL_WIDTH), ...(kind === 'functions' ? sign : [])])
    lines.push(`  ${name} [label=${text}, shape=${SHAPES[kind]}, color="${colour}", fontcolor="${colour}"];`)
    if (above !== undefined) lines.push(`  ${name} -> ${above} [color="${colour}"];`)
    for (const child of children) visit(child, name)
  }
  for (const child of topologyOf(report).children) visit(child, undefined)
  return [
    'digraph intremap {',
    '  rankdir=LR;',
    '  node [fontname="sans-serif", fontsize=10];',
    ...lines,
    '}',
    '',
  ].join('\n')
}
