import type { Report } from '../../report/types.js'
import { endpointsOf, weakestOf } from '../words/verdict-words.js'

/** A sub-namespace of the one in which Node Feature Discovery lets anybody make labels. */
const NAMESPACE = 'intremap.feature.node.kubernetes.io'
/** A host that is asked once a day keeps its labels, one that is asked no more loses them. */
const HOURS_VALID = 25

/** Kubernetes label values: 63 characters of a small alphabet, alphanumeric at both ends. */
const labelValue = (text: string) =>
  text
    .replaceAll(/[^A-Za-z0-9_.-]/g, '_')
    .slice(0, 63)
    .replace(/^[_.-]/, '')
    .replace(/[_.-]$/, '')

/** The one value that all have; `mixed` where they differ, `none` where there is nothing. */
function common(values: readonly string[]): string {
  const [first, ...others] = new Set(values)
  if (first === undefined) return 'none'
  return others.length > 0 ? 'mixed' : first
}

/**
 * A feature file of Node Feature Discovery's local source (`/etc/kubernetes/node-feature-discovery/features.d/`): labels
 * of the node, which expire when nobody asks any more.
 */
export function renderNfd(report: Report, { now }: { readonly now: Date }): string {
  const endpoints = endpointsOf(report)
  const expiry = new Date(now.getTime() + HOURS_VALID * 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z')
  const having = (verdict: string) => endpoints.filter(({ effectiveVerdict }) => effectiveVerdict === verdict).length
  const labels: readonly (readonly [string, string])[] = [
    ['verdict', weakestOf(endpoints.map(({ effectiveVerdict }) => effectiveVerdict)) ?? 'unknown'],
    ['isolated', String(having('isolated'))],
    ['with-caveats', String(having('isolated-with-caveats'))],
    ['not-isolated', String(having('not-isolated'))],
    ['unknown', String(having('unknown'))],
    ['iommu', common(endpoints.map(({ chain }) => chain.iommu.kind))],
    ['msi-controller', common(endpoints.map(({ chain }) => chain.msiController.kind))],
    ['ruleset', report.tool.ruleset],
    ['version', report.tool.version],
  ]
  return [
    `# +expiry-time=${expiry}`,
    ...labels.map(([name, value]) => `${NAMESPACE}/${name}=${labelValue(value)}`),
    '',
  ].join('\n')
}
