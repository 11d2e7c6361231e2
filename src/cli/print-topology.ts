import { renderTopologyDot } from '../render/topology/dot.js'
import { renderTopologyMermaid } from '../render/topology/mermaid.js'
import { renderTopologySvg } from '../render/topology/svg.js'
import { renderTopologyTree } from '../render/topology/tree.js'
import type { Report } from '../report/types.js'
import type { FlagTable } from './command-spec.js'
import { FILE_FLAGS, writeResult, type FileFlags } from './file-flags.js'
import { renderOptions, type OutputFlags } from './terminal.js'

export const TOPOLOGY_FORM = {
  format: {
    kind: 'choice',
    summary: 'Form of the picture.',
    options: ['text', 'dot', 'mermaid', 'svg'],
    default: 'text',
    group: 'OUTPUT',
  },
  ...FILE_FLAGS,
} as const satisfies FlagTable

interface TopologyFlags extends OutputFlags, FileFlags {
  readonly format: (typeof TOPOLOGY_FORM.format.options)[number]
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
  writeResult([rendered(report, flags)], flags)
}
