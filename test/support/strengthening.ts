import type { GateReport, Report } from '../../src/report/types.js'

/** One thing that became stronger, in the words of the contract's law. */
export interface Strengthening {
  readonly subject: string
  readonly what: string
  readonly before: string
  readonly after: string
}

const RANK: Readonly<Record<string, number>> = {
  'not-isolated': 0,
  unknown: 0,
  'isolated-with-caveats': 1,
  isolated: 2,
}

const verdictRose = (before: string, after: string) => (RANK[after] ?? 0) > (RANK[before] ?? 0)
const answerRose = (before: string, after: string) => before !== 'yes' && after === 'yes'
const gateRose = (before: GateReport, after: GateReport) =>
  ['refuses', 'absent', 'unknown'].includes(before.outcome) && after.outcome.startsWith('accepts')

/** Everything that is stronger in `after` than in `before`: subjects in both, then summary and exit code. */
export function strengthenings(before: Report, after: Report): Strengthening[] {
  const found: Strengthening[] = []
  const note = (rose: boolean, subject: string, what: string, was: string, is: string) => {
    if (rose) found.push({ subject, what, before: was, after: is })
  }
  const devices = new Map(before.devices.map((device) => [device.address, device]))
  for (const device of after.devices) {
    const was = devices.get(device.address)
    if (!was) continue
    const at = device.address
    note(verdictRose(was.verdict, device.verdict), at, 'verdict', was.verdict, device.verdict)
    note(
      answerRose(was.kernel.isolatedMsi, device.kernel.isolatedMsi),
      at,
      'isolatedMsi',
      was.kernel.isolatedMsi,
      'yes',
    )
    for (const which of ['vfioType1', 'iommufd'] as const) {
      const rose = gateRose(was.kernel[which], device.kernel[which])
      note(rose, at, which, was.kernel[which].outcome, device.kernel[which].outcome)
    }
  }
  const groups = new Map(before.groups.map((group) => [group.id, group]))
  for (const group of after.groups) {
    const was = groups.get(group.id)
    if (!was) continue
    const at = `group ${group.id}`
    note(verdictRose(was.verdict, group.verdict), at, 'verdict', was.verdict, group.verdict)
    note(answerRose(was.isolatedMsi, group.isolatedMsi), at, 'isolatedMsi', was.isolatedMsi, 'yes')
  }
  note(
    verdictRose(before.summary.verdict, after.summary.verdict),
    'summary',
    'verdict',
    before.summary.verdict,
    after.summary.verdict,
  )
  note(before.exitCode !== 0 && after.exitCode === 0, 'machine', 'exit code', String(before.exitCode), '0')
  return found
}
