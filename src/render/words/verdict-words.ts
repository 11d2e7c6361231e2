import type { DeviceReport, Report, Verdict } from '../../report/types.js'
import { count } from '../layout/text-layout.js'

interface VerdictWords {
  /** Two characters, plain ASCII: a sign that survives any terminal, font and mail. */
  readonly sign: string
  /** In a table. */
  readonly words: string
  /** In a sentence: `is …`. */
  readonly phrase: string
  /** 0 is the weakest. */
  readonly rank: number
}

export const VERDICT_WORDS: Record<Verdict, VerdictWords> = {
  'not-isolated': { sign: '!!', words: 'not isolated', phrase: 'not isolated', rank: 0 },
  unknown: { sign: '??', words: 'unknown', phrase: 'unknown', rank: 1 },
  'isolated-with-caveats': { sign: '~~', words: 'with caveats', phrase: 'isolated with caveats', rank: 2 },
  isolated: { sign: 'ok', words: 'isolated', phrase: 'isolated', rank: 3 },
}

export const isGood = (verdict: Verdict): boolean => verdict === 'isolated' || verdict === 'isolated-with-caveats'

const weaker = (left: Verdict, right: Verdict): Verdict =>
  VERDICT_WORDS[left].rank <= VERDICT_WORDS[right].rank ? left : right

export const weakestOf = (verdicts: readonly Verdict[]): Verdict | undefined =>
  verdicts.length === 0 ? undefined : verdicts.reduce(weaker)

/** The functions that get a verdict of their own. */
export const endpointsOf = (report: Report): readonly DeviceReport[] =>
  report.devices.filter((device) => device.role === 'endpoint')

/** What is no endpoint, by what it is. */
export function notEndpoints(report: Report): readonly string[] {
  const having = (role: DeviceReport['role']) => report.devices.filter((device) => device.role === role).length
  return (
    [
      ['bridge', having('bridge')],
      ['IOMMU', having('iommu')],
      ['chipset function', having('chipset')],
    ] as const
  ).flatMap(([noun, number]) => (number > 0 ? [count(number, noun)] : []))
}
