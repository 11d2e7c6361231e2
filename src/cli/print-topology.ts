import { renderTopologyDot } from '../render/topology/dot.js'
import { renderTopologyMermaid } from '../render/topology/mermaid.js'
import { renderTopologySvg } from '../render/topology/svg.js'
import { renderTopologyTree } from '../render/topology/tree.js'
import type { Report } from '../report/types.js'
import type { FlagTable } from './command-spec.js'
import { writeStdout } from './output.js'
import { writeOutput } from './output-file.js'
import { renderOptions, type OutputFlags } from './terminal.js'

export const TOPOLOGY_FORM = {
  format: {
    kind: 'choice',
    summary: 'Form of the picture.',
    options: ['text', 'dot', 'mermaid', 'svg'],
    default: 'text',
    group: 'OUTPUT',
  },
  output: {
    kind: 'string',
    char: 'o',
    summary: 'Write to this file instead of standard output.',
    value: 'FILE',
    group: 'OUTPUT',
  },
  force: { kind: 'boolean', summary: 'Overwrite the file.', group: 'OUTPUT' },
} as const satisfies FlagTable

interface TopologyFlags extends OutputFlags {
  readonly format: (typeof TOPOLOGY_FORM.format.options)[number]
  readonly output?: string | undefined
  readonly force: boolean
}

function rendered(report: Report, flags: TopologyFlags): string {
  switch (flags.format) {
    case 'text':
      return renderTopologyTree(report, renderOptions(flags))
    case 'dot':
      return renderTopologyDot(report)
    case 'mermaid':
      return renderTopologyMermaid(report)
    case 'svg':
      return renderTopologySvg(report)
  }
}

/** Prints the picture, or writes it to the file that was named. */
export function printTopology(report: Report, flags: TopologyFlags): void {
  const text = rendered(report, flags)
  if (flags.output === undefined) writeStdout(text)
  else writeOutput(flags.output, Buffer.from(text, 'utf8'), flags.force)
}
