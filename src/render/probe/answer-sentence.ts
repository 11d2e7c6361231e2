import type { IndexedReport } from '../report-index.js'
import type { DeviceReport, Reason, Report, Verdict } from '../../report/types.js'
import { caveatWithRule } from '../words/caveat-words.js'
import { commonCause } from '../words/cause-words.js'
import { caveatsOf, severestRules } from '../words/device-words.js'
import { onlyPlatformWords } from '../words/platform-words.js'
import { becauseWords } from '../words/reason-in-report.js'
import { count, enumerate } from '../layout/text-layout.js'
import { endpointsOf, notEndpoints, isGood, VERDICT_WORDS, weakestOf } from '../words/verdict-words.js'

/** The rule about machines of which no function is known. */
const NOT_REMAPPED = 'IR010'

/** The reason that most of the devices have; the first in report order where several are as frequent. */
function commonestReason(devices: readonly DeviceReport[]): Reason | undefined {
  const numbers = new Map<Reason, number>()
  for (const { reason } of devices) numbers.set(reason, (numbers.get(reason) ?? 0) + 1)
  return [...numbers].reduce<[Reason, number] | undefined>(
    (best, entry) => (best === undefined || entry[1] > best[1] ? entry : best),
    undefined,
  )?.[0]
}

/** Why it is so, for devices without an answer: the reason that most of them have. */
function becauseOf(devices: readonly DeviceReport[], report: Report): string {
  const reason = commonestReason(devices)
  if (reason === undefined) return ''
  const mostly = devices.every((device) => device.reason === reason) ? '' : 'mostly '
  return ` (${mostly}${becauseWords(reason, report).replaceAll(' it ', ' that ')})`
}

const asGroup = (number: number, total: number) =>
  total === 1
    ? 'the device'
    : number === total
      ? total === 2
        ? 'both devices'
        : `all ${total} devices`
      : `${number} of ${total} devices`

function ownAnswer(endpoints: readonly DeviceReport[], report: IndexedReport): string {
  const total = endpoints.length
  const having = (verdict: Verdict) => endpoints.filter((device) => device.verdict === verdict)
  const bad = having('not-isolated').length
  const unknown = having('unknown')
  const caveats = having('isolated-with-caveats')
  if (bad > 0) {
    const rest = unknown.length > 0 ? `; for ${unknown.length} more nobody can tell from here` : ''
    const cause = commonCause(having('not-isolated'), report)
    const because = cause === undefined ? '' : ` ${cause}`
    return `${asGroup(bad, total)} can raise interrupts that belong to others${rest}.${because}`
  }
  if (unknown.length > 0) {
    const one = total === 1
    return `whether ${asGroup(unknown.length, total)} can raise only ${one || unknown.length === 1 ? 'its' : 'their'} own interrupts cannot be told${becauseOf(unknown, report)}.`
  }
  const all = `${total === 1 ? 'the device' : `each of the ${total} devices`} can raise only its own interrupts`
  if (caveats.length === 0) return `${all}.`
  return `${all}, but ${weakenedBy(caveats, total, report)}.`
}

/** Which rules weaken it, the severest first, each with the number of devices that it is about. */
function weakenedBy(caveats: readonly DeviceReport[], total: number, report: IndexedReport): string {
  const numbers = new Map<string, number>()
  for (const device of caveats)
    for (const rule of caveatsOf(device, report)) numbers.set(rule, (numbers.get(rule) ?? 0) + 1)
  const whom = (number: number) => (total === 1 ? '' : number === total ? ' for all of them' : ` for ${number} of them`)
  const rules = severestRules([...numbers.keys()], report)
  const [first] = rules
  if (first === undefined) return `something weakens that${whom(caveats.length)}`
  const same = numbers.get(first) ?? 0
  if (rules.every((rule) => numbers.get(rule) === same))
    return `${enumerate(rules.map(caveatWithRule), 3)} weaken${rules.length === 1 ? 's' : ''} that${whom(same)}`
  const each = rules.map((rule) => {
    const number = numbers.get(rule) ?? 0
    return `${caveatWithRule(rule)}${rule === first ? ' weakens that' : ''}${whom(number)}`
  })
  return enumerate(each, 3)
}

/** Devices that are weaker than themselves because of the group they share. */
function groupAnswer(report: Report, own: Verdict): string {
  const dragged = endpointsOf(report).filter(
    (device) => VERDICT_WORDS[device.effectiveVerdict].rank < VERDICT_WORDS[own].rank,
  )
  if (dragged.length === 0) return ''
  const worst = weakestOf(dragged.map((device) => device.effectiveVerdict)) ?? own
  return ` But ${count(dragged.length, 'device')} of them share${dragged.length === 1 ? 's' : ''} an IOMMU group that is ${VERDICT_WORDS[worst].phrase}, and the group decides.`
}

/** The weakest verdict that the exit code looks at: own verdicts and those of the groups. Undefined without endpoints. */
function decidingVerdict(report: Report): Verdict | undefined {
  return weakestOf(endpointsOf(report).map((device) => device.effectiveVerdict))
}

/** The answer, in one sentence with its sign. */
export function answerSentence(report: IndexedReport): { readonly verdict: Verdict; readonly text: string } {
  const endpoints = endpointsOf(report)
  const verdict = decidingVerdict(report)
  const own = weakestOf(endpoints.map((device) => device.verdict))
  if (verdict === undefined || own === undefined) {
    const { sign } = VERDICT_WORDS.unknown
    const others = report.devices.length > 0 ? `, only ${enumerate(notEndpoints(report), 3)}` : ''
    const platform = report.platformDevices.length > 0 ? `; ${onlyPlatformWords(report)}` : ''
    const found = `no PCI endpoint was found${others}${platform}`
    const off = report.findings.find(({ rule }) => rule === NOT_REMAPPED)
    const text =
      off === undefined
        ? `there is nothing to judge: ${found}.`
        : `${found}, but no device of this machine can be isolated. ${off.summary}`
    return { verdict: 'unknown', text: `${sign} UNKNOWN: ${text}` }
  }
  const { sign, phrase } = VERDICT_WORDS[verdict]
  const only = isGood(own) && !isGood(verdict) ? 'by itself, ' : ''
  return {
    verdict,
    text: `${sign} ${phrase.toUpperCase()}: ${only}${ownAnswer(endpoints, report)}${groupAnswer(report, own)}`,
  }
}
