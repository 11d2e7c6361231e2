import { handsOut } from '../../report/hands-out.js'
import type { Report, Verdict } from '../../report/types.js'
import { SEVERITIES } from '../../report/severity.js'
import { endpointsOf } from '../words/verdict-words.js'

const VERDICTS: readonly Verdict[] = ['isolated', 'isolated-with-caveats', 'not-isolated', 'unknown']

type Labels = Readonly<Record<string, string>>
interface Sample {
  readonly labels: Labels
  readonly value: number
}

/** Label values of the exposition format: backslash, quotation mark and line feed are escaped. */
const labelValue = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${labelValue(value)}"`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}

function gauge(name: string, help: string, samples: readonly Sample[]): readonly string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...samples.map(({ labels, value }) => `${name}${labelsText(labels)} ${value}`),
  ]
}

const each = <T extends string>(label: string, values: readonly T[], count: (value: T) => number): readonly Sample[] =>
  values.map((value) => ({ labels: { [label]: value }, value: count(value) }))

/** A release up to its first character that no kernel.org release has: a vendor's suffix would be free text. */
const releaseNumber = (release: string) => /^\d+(?:\.\d+)*/.exec(release)?.[0] ?? 'unknown'

/**
 * Text exposition format, for the textfile collector. Labels take values of closed lists only, and of versions, so that a
 * fleet has few series; which device it is, the report tells.
 */
export function renderPrometheus(report: Report): string {
  const { tool, platform, groups, findings, unread } = report
  const endpoints = endpointsOf(report)
  const having = <T>(list: readonly T[], is: (item: T) => boolean) => list.filter(is).length
  const info: Labels = {
    version: tool.version,
    ruleset: tool.ruleset,
    architecture: platform.architecture,
    firmware: platform.firmware,
    kernel: releaseNumber(platform.kernelRelease),
  }
  const accepted = (which: 'vfioType1' | 'iommufd') =>
    having(endpoints, ({ kernel }) => handsOut(kernel[which].outcome))
  return [
    ...gauge('intremap_info', 'What judged, and what it judged.', [{ labels: info, value: 1 }]),
    ...gauge(
      'intremap_devices',
      'PCI endpoints by verdict, that of their group included.',
      each('verdict', VERDICTS, (verdict) => having(endpoints, (device) => device.effectiveVerdict === verdict)),
    ),
    ...gauge(
      'intremap_groups',
      'IOMMU groups by verdict.',
      each('verdict', VERDICTS, (verdict) => having(groups, (group) => group.verdict === verdict)),
    ),
    ...gauge(
      'intremap_findings',
      'Findings by severity.',
      each('severity', SEVERITIES, (severity) => having(findings, (finding) => finding.severity === severity)),
    ),
    ...gauge(
      'intremap_kernel_accepts',
      'PCI endpoints that this kernel would hand out, whatever the verdict.',
      each('interface', ['vfioType1', 'iommufd'] as const, accepted),
    ),
    ...gauge('intremap_unread', 'Pieces of evidence that could not be read.', [{ labels: {}, value: unread.length }]),
    ...gauge('intremap_exit_code', 'What the program ends with: 0 good, 1 bad, 3 unknown.', [
      { labels: {}, value: report.exitCode },
    ]),
    '',
  ].join('\n')
}
