import type { AcceptedEntry } from '../../report/gate/baseline.js'
import type { GateSummary } from '../../report/gate/gate-report.js'
import type { Report } from '../../report/types.js'
import { exact, prose, type Block } from '../layout/document.js'
import { count, enumerate } from '../layout/text-layout.js'
import type { RenderOptions } from '../types.js'

/** Entries of a kind that are told without `--all`. */
const SHOWN = 3

const POLICY_WORDS: Readonly<Record<string, string>> = {
  strict: 'Policy strict: a caveat is not good enough.',
  kernel: 'Policy kernel: good enough is what this kernel would hand out without an override.',
}

function entryWords({ accepts, device, reason, expires }: AcceptedEntry): string {
  return `${accepts}${device === undefined ? '' : ` of ${device}`} until ${expires}: ${reason}`
}

function entries(title: string, list: readonly AcceptedEntry[], options: RenderOptions): readonly Block[] {
  const shown = options.all ? list : list.slice(0, SHOWN)
  const left = list.length - shown.length
  return [
    ...shown.map((entry) => exact('  ', `${title} ${entryWords(entry)}`, options.all ? undefined : 2)),
    ...(left > 0 ? [prose('  ', `${title} ${left} more: --all`)] : []),
  ]
}

function baselineBlocks({ baseline }: GateSummary, options: RenderOptions): readonly Block[] {
  if (baseline === 'none') return []
  const { name, accepted, expired, unmatched, devices } = baseline
  const by =
    devices.length === 0
      ? `${name} makes no device good enough.`
      : `${name} makes ${count(devices.length, 'device')} good enough for the exit code, not isolated: ${enumerate(devices, SHOWN)}.`
  return [
    exact('  ', by),
    ...entries('Expired:', expired, options),
    ...entries('Matches nothing here:', unmatched, options),
    ...entries('Accepted:', accepted, options),
  ]
}

/** What beside the verdicts decided the exit code. */
export function gateSection({ gate }: Report, options: RenderOptions): readonly Block[] {
  if (!gate) return []
  const { policy, failedRules } = gate
  const words = POLICY_WORDS[policy] ?? `Policy ${policy}.`
  return [
    ...(policy === 'default' ? [] : [exact('  ', words)]),
    ...(failedRules.length > 0
      ? [prose('  ', `It wants rules passed that did not pass: ${enumerate(failedRules, failedRules.length)}.`)]
      : []),
    ...baselineBlocks(gate, options),
  ]
}
