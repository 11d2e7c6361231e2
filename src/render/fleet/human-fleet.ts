import type { FleetCluster, FleetReport } from '../../report/fleet/fleet-summary.js'
import { blank, exact, heading, layOut, prose, table, toned, type Block } from '../layout/document.js'
import { escapeAll } from '../layout/escape.js'
import { styleOf } from '../layout/style.js'
import { cell, count, enumerate } from '../layout/text-layout.js'
import type { RenderOptions } from '../types.js'
import type { Verdict } from '../../report/types.js'
import { VERDICT_WORDS } from '../words/verdict-words.js'

const CLUSTERS_SHOWN = 10
const ERRORS_SHOWN = 3
const FINDINGS_SHOWN = 8

const are = (number: number) => `${number} ${number === 1 ? 'is' : 'are'}`

/** The end of a path is what tells hosts apart. */
const fitEnd = (path: string, width: number) => (path.length <= width ? path : `..${path.slice(2 - width)}`)

function answer({ hosts, errors }: FleetReport): Block {
  const total = Object.values(hosts).reduce((sum, number) => sum + number, 0)
  const verdict: Verdict =
    hosts['not-isolated'] > 0
      ? 'not-isolated'
      : hosts.unknown > 0 || errors.count > 0 || total === 0
        ? 'unknown'
        : hosts['isolated-with-caveats'] > 0
          ? 'isolated-with-caveats'
          : 'isolated'
  const parts = [
    ...(hosts['not-isolated'] > 0
      ? [`${hosts['not-isolated']} of ${count(total, 'host')} have devices that can raise interrupts of others`]
      : []),
    ...(hosts.unknown > 0 ? [`${hosts.unknown} cannot be judged`] : []),
    ...(hosts['isolated-with-caveats'] > 0 ? [`${are(hosts['isolated-with-caveats'])} isolated with caveats`] : []),
    ...(hosts.isolated > 0 ? [`${are(hosts.isolated)} isolated`] : []),
    ...(errors.count > 0 ? [`${count(errors.count, 'input')} could not be read`] : []),
  ]
  const { sign } = VERDICT_WORDS[verdict]
  return toned(verdict, `${sign} ${parts.length > 0 ? parts.join(', ') : 'There is no host to judge'}.`)
}

interface Column {
  readonly title: string
  readonly text: (cluster: FleetCluster) => string
  readonly widest: number
}

const COLUMNS: readonly Column[] = [
  { title: 'HOSTS', text: ({ hosts }) => String(hosts), widest: 7 },
  { title: 'MACHINE', text: ({ machine }) => machine, widest: 20 },
  { title: 'FIRMWARE', text: ({ firmwareFingerprint }) => firmwareFingerprint.slice(0, 8), widest: 8 },
  { title: 'KERNEL', text: ({ kernelRelease }) => kernelRelease, widest: 14 },
  { title: 'RULES', text: ({ rules }) => rules.join(' ') || '-', widest: 18 },
]

function clusterTable(clusters: readonly FleetCluster[], options: RenderOptions): readonly string[] {
  const style = styleOf(options.colorLevel)
  const widths = COLUMNS.map(({ title, text, widest }) =>
    Math.min(
      widest,
      clusters.reduce((most, cluster) => Math.max(most, text(cluster).length), title.length),
    ),
  )
  const head = ['  ', ...COLUMNS.map(({ title }, index) => cell(title, widths[index] ?? 0)), 'FOR EXAMPLE'].join(' ')
  const rows = clusters.map((cluster) => {
    const { sign } = VERDICT_WORDS[cluster.verdict]
    const cells = COLUMNS.map(({ text }, index) => cell(text(cluster), widths[index] ?? 0)).join(' ')
    const [example = ''] = cluster.examples
    return `${style.verdict(cluster.verdict, sign)} ${cells} ${fitEnd(example, Math.max(8, options.columns - cells.length - 4))}`
  })
  return [style.heading(head), ...rows]
}

/** What many hosts come to: the answer, hosts that are alike together with the worst first, and the frequent findings. */
export function renderHumanFleet(raw: FleetReport, options: RenderOptions): string {
  const fleet = escapeAll(raw)
  const { clusters, findings, errors, unclustered, devices, assignable } = fleet
  const shown = options.all ? clusters : clusters.slice(0, CLUSTERS_SHOWN)
  const left = clusters.length - shown.length
  const total = Object.values(devices).reduce((sum, number) => sum + number, 0)
  const rules = (options.all ? findings : findings.slice(0, FINDINGS_SHOWN)).map(
    ({ rule, severity, hosts }) => `${rule} ${severity} on ${count(hosts, 'host')}`,
  )
  const blocks: readonly Block[] = [
    answer(fleet),
    toned(
      'quiet',
      `${count(total, 'device')}: ${devices['not-isolated']} not isolated, ${devices.unknown} unknown; ${assignable} may be handed out now.`,
    ),
    ...(shown.length > 0 ? [blank, table(clusterTable(shown, options))] : []),
    ...(left > 0 ? [prose('   ', `${left} more kinds of host: --all`)] : []),
    ...(unclustered > 0
      ? [prose('   ', `${unclustered} hosts of further kinds were counted and not kept apart.`)]
      : []),
    ...(rules.length > 0 ? [blank, heading('Findings'), prose('  ', `${enumerate(rules, rules.length)}.`)] : []),
    ...(errors.count > 0 ? [blank, heading('Not read')] : []),
    ...errors.first
      .slice(0, options.all ? errors.first.length : ERRORS_SHOWN)
      .map(({ path, error }) => exact('  ', error.includes(path) ? error : `${path}: ${error}`, 2)),
    ...(errors.count > ERRORS_SHOWN && !options.all ? [prose('  ', `${errors.count - ERRORS_SHOWN} more.`)] : []),
  ]
  return `${layOut(blocks, options).join('\n')}\n`
}
