import type { Report } from '../../report/types.js'
import { escapeAll } from '../layout/escape.js'
import { markup } from '../layout/markup.js'
import { wrapWords } from '../layout/text-layout.js'
import { VERDICT_WORDS } from '../words/verdict-words.js'
import { topologyOf, type TopologyNode } from './graph.js'

/** Units of the picture; a character of its font is about 6.3 wide. */
const COLUMN = 250
const BOX = 226
const LINE = 15
const PADDING = 8
const GAP = 10
const LABEL_WIDTH = 31

interface Placed {
  readonly node: TopologyNode
  readonly lines: readonly string[]
  readonly column: number
  readonly top: number
  readonly height: number
  readonly children: readonly Placed[]
}

const depthOf = ({ children }: TopologyNode): number => 1 + Math.max(0, ...children.slice(0, 64).map(depthOf))

function linesOf({ kind, label, verdict }: TopologyNode): readonly string[] {
  const words = verdict === undefined ? [] : [`${VERDICT_WORDS[verdict].sign} ${VERDICT_WORDS[verdict].words}`]
  return [...wrapWords(label, LABEL_WIDTH), ...(kind === 'functions' ? words : [])]
}

/** Puts a node beside the middle of its children; leaves stand below each other. */
function place(node: TopologyNode, column: number, top: number): { readonly placed: Placed; readonly bottom: number } {
  // Functions begin the way wherever they are plugged in.
  const at = node.kind === 'functions' ? 0 : column
  const lines = linesOf(node)
  const height = lines.length * LINE + 2 * PADDING
  let below = top
  const children: Placed[] = []
  for (const child of node.children) {
    const { placed, bottom } = place(child, column - 1, below)
    children.push(placed)
    below = bottom
  }
  const bottom = Math.max(below, top + height + GAP)
  const middle = (top + bottom - GAP) / 2
  return { placed: { node, lines, column: at, top: middle - height / 2, height, children }, bottom }
}

function boxOf({ node, lines, column, top, height }: Placed): string {
  const left = column * COLUMN
  const text = lines.map(
    (line, index) => `<tspan x="${left + PADDING}" y="${top + PADDING + LINE * index + 11}">${markup(line)}</tspan>`,
  )
  const style = node.verdict ?? 'plain'
  return `<g class="${style} ${node.kind}"><rect x="${left}" y="${top}" width="${BOX}" height="${height}" rx="4"/><text>${text.join('')}</text></g>`
}

function arrowOf(from: Placed, to: Placed): string {
  const [x, y] = [from.column * COLUMN + BOX, from.top + from.height / 2]
  const [endX, endY] = [to.column * COLUMN, to.top + to.height / 2]
  const bend = (x + endX) / 2
  return `<path class="${from.node.verdict ?? 'plain'}" d="M${x} ${y}C${bend} ${y} ${bend} ${endY} ${endX} ${endY}"/>`
}

function* drawn(placed: Placed): Generator<string> {
  for (const child of placed.children) {
    yield arrowOf(child, placed)
    yield* drawn(child)
  }
  yield boxOf(placed)
}

/** Light and dark, as whoever shows the picture has it; lines differ by more than colour. */
const STYLE = `
svg.topology{font:11px ui-monospace,Menlo,Consolas,monospace;background:var(--paper,#fff)}
.topology rect{fill:var(--box,#f7f7f5);stroke:#777;stroke-width:1}
.topology text{fill:var(--ink,#1c1c1a)}
.topology path{fill:none;stroke:#777;stroke-width:1.2}
.topology .isolated rect,.topology path.isolated{stroke:#1b7f45}
.topology .isolated-with-caveats rect,.topology path.isolated-with-caveats{stroke:#8a8a00;stroke-dasharray:8 2}
.topology .unknown rect,.topology path.unknown{stroke:#b07800;stroke-dasharray:3 3}
.topology .not-isolated rect,.topology path.not-isolated{stroke:#c5352b;stroke-width:2.4}
@media (prefers-color-scheme:dark){svg.topology{--paper:#161614;--box:#22221f;--ink:#eceae4}}
`

/** The picture as a figure of its own, or inside of a page. Arrows go the way of an interrupt, from left to right. */
export function topologySvg(report: Report): string {
  const root = topologyOf(report)
  const columns = Math.max(1, depthOf(root) - 1)
  let bottom = GAP
  const parts: string[] = []
  for (const child of root.children) {
    const result = place(child, columns - 1, bottom)
    for (const one of drawn(result.placed)) parts.push(one)
    bottom = result.bottom + GAP
  }
  const [width, height] = [columns * COLUMN - (COLUMN - BOX), Math.max(bottom, 40)]
  return `<svg xmlns="http://www.w3.org/2000/svg" class="topology" viewBox="-4 0 ${width + 8} ${height}" width="${width + 8}" height="${height}" role="img" aria-label="${markup(root.label)}"><style>${STYLE}</style>${parts.join('\n')}</svg>\n`
}

/** The picture as a file. */
export function renderTopologySvg(raw: Report): string {
  return topologySvg(escapeAll(raw))
}
