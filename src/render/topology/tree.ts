import type { Report } from '../../report/types.js'
import { escapeAll } from '../layout/escape.js'
import { styleOf } from '../layout/style.js'
import { fit } from '../layout/text-layout.js'
import { machineLine } from '../probe/machine-line.js'
import type { RenderOptions } from '../types.js'
import { VERDICT_WORDS } from '../words/verdict-words.js'
import { topologyOf, type TopologyNode } from './graph.js'

/** The picture as lines: each node below what its interrupts go through, with the sign of its verdict in front. */
export function renderTopologyTree(raw: Report, options: RenderOptions): string {
  const report = escapeAll(raw)
  const style = styleOf(options.colorLevel)
  const lines = [machineLine(report)]
  const visit = ({ label, verdict, children }: TopologyNode, lead: string, branch: string): void => {
    const sign = verdict === undefined ? '--' : VERDICT_WORDS[verdict].sign
    const text = fit(`${lead}${branch}${label}`, options.columns - 3)
    lines.push(verdict === undefined ? `${sign} ${text}` : `${style.verdict(verdict, sign)} ${text}`)
    const deeper = branch === '' ? '' : branch === '`- ' ? '   ' : '|  '
    for (const [index, child] of children.entries()) {
      visit(child, `${lead}${deeper}`, index === children.length - 1 ? '`- ' : '|- ')
    }
  }
  visit(topologyOf(report), '', '')
  return `${lines.join('\n')}\n`
}
