import { indexed, type IndexedReport } from '../report-index.js'
import type { DeviceReport, GateOutcome, Report, Verdict } from '../../report/types.js'
import { deviceWords } from '../words/class-words.js'
import { caveatWithRule } from '../words/caveat-words.js'
import { caveatsOf } from '../words/device-words.js'
import { layOut, toned } from '../layout/document.js'
import { escapeAll } from '../layout/escape.js'
import { ROLE_WORDS } from '../explain/human-explain.js'
import { gateSection } from '../sections/gate-section.js'
import { surprises } from '../sections/kernel-section.js'
import { conditionWords } from '../words/condition-words.js'
import { platformSentence } from '../words/platform-words.js'
import { assignableWords } from '../words/assignable-words.js'
import { becauseWords } from '../words/reason-in-report.js'
import type { RenderOptions } from '../types.js'
import { isGood, VERDICT_WORDS } from '../words/verdict-words.js'

function kernelWords(device: DeviceReport, verdict: Verdict): string {
  const outcomes: readonly GateOutcome[] = [device.kernel.vfioType1.outcome, device.kernel.iommufd.outcome]
  const surprise = outcomes.find((outcome) => surprises(verdict, outcome))
  if (surprise === undefined) return ''
  if (surprise === 'refuses') return '; this kernel would refuse it all the same'
  if (surprise === 'accepts-without-iommu') return '; VFIO hands it out all the same, in no-IOMMU mode'
  return surprise === 'accepts-by-override'
    ? '; this kernel would accept it, only because allow_unsafe_interrupts is on'
    : '; this kernel would accept it all the same'
}

function sentence(device: DeviceReport, report: IndexedReport): { readonly verdict: Verdict; readonly text: string } {
  const { address, role, driver, iommuGroup } = device
  const what = `${address} (${deviceWords(device)}, driver ${driver}, group ${iommuGroup})`
  if (role !== 'endpoint') {
    return {
      verdict: 'unknown',
      text: `-- ${what} gets no verdict: it is ${ROLE_WORDS[role]}, and only endpoints are handed out.`,
    }
  }
  const { verdict: own, effectiveVerdict: verdict } = device
  const { sign, phrase } = VERDICT_WORDS[verdict]
  const because = becauseWords(device.reason, report)
  const rules = caveatsOf(device, report)
  const caveat = rules.length > 0 ? `, but see ${rules.map(caveatWithRule).join(', ')}` : ''
  const link = isGood(own) ? ': ' : ' because '
  const itself =
    own === 'unknown'
      ? `${what} cannot be judged${link}${because}`
      : `${what} is ${VERDICT_WORDS[own].phrase}${link}${because}${caveat}`
  const shared = verdict === own ? '' : `; but its group ${iommuGroup} is ${phrase}, which decides`
  const strength = isGood(verdict) && device.strength === 'described' ? ' (firmware alone says so)' : ''
  const cause = own === 'not-isolated' && typeof device.cause !== 'string' ? ` ${device.cause.summary}` : ''
  return { verdict, text: `${sign} ${itself}${shared}${kernelWords(device, verdict)}${strength}.${cause}` }
}

/** One sentence for each device asked about. */
export function renderHumanCheck(raw: Report, options: RenderOptions): string {
  const report = indexed(escapeAll(raw))
  const blocks = report.devices.map((device) => {
    const { verdict, text } = sentence(device, report)
    const asked = options.assignable === true ? ` It ${assignableWords(device.assignable)}.` : ''
    const condition = conditionWords([device])
    return toned(verdict, `${text}${condition === '' ? '' : ` ${condition}`}${asked}`)
  })
  const platform = report.platformDevices
    .filter(() => report.devices.length === 0)
    .map((device) => toned('unknown', platformSentence(device, report)))
  return layOut([...blocks, ...platform, ...gateSection(report, options)], options)
    .map((line) => `${line}\n`)
    .join('')
}
