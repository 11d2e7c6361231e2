import type { DeviceExplanation } from '../../report/explain/explanation.js'
import type { Role } from '../../report/types.js'
import { blank, heading, layOut, prose, toned, type Block } from '../layout/document.js'
import { escapeAll } from '../layout/escape.js'
import { answersSection, type AnswersDetail } from './explain-answers.js'
import { changesSection, notPassedSection, type FindingsDetail } from './explain-findings.js'
import { questionsSection } from './explain-questions.js'
import { routeSection, type RouteDetail } from './explain-route.js'
import { caveatWithRule } from '../words/caveat-words.js'
import { conditionWords } from '../words/condition-words.js'
import { REASON_WORDS } from '../words/reason-words.js'
import { count, enumerate } from '../layout/text-layout.js'
import type { RenderOptions } from '../types.js'
import { isGood, VERDICT_WORDS } from '../words/verdict-words.js'

/** How much of each section is shown; what did not pass and what to do about it is never left out without a word. */
interface Detail extends FindingsDetail, AnswersDetail, RouteDetail {}

const EVERYTHING: Detail = { all: true, evidenceShown: undefined, changesShown: undefined, logLines: undefined }
const ORDINARY: Detail = { all: false, evidenceShown: 3, changesShown: 3, logLines: 3 }

/** What a function is that nobody is handed. */
export const ROLE_WORDS: Record<Exclude<Role, 'endpoint'>, string> = {
  bridge: 'a bridge',
  iommu: 'an IOMMU',
  chipset: 'a part of the chipset without a group, an MSI capability and a driver',
}

/** Whether it was given at all the explanation of one device does not tell. */
const UNREADABLE = 'what decides it is not in the evidence, or could not be read'

function answerBlock(explanation: DeviceExplanation): Block {
  const { device, effectiveVerdict, findings, group, weakerMembers } = explanation
  const { address, role, verdict, reason, cause } = device
  if (role !== 'endpoint') {
    const what = ROLE_WORDS[role]
    return toned('quiet', `-- ${address} gets no verdict: it is ${what}, and only endpoints are handed out.`)
  }
  if (effectiveVerdict !== verdict && typeof group !== 'string') {
    const { sign, phrase } = VERDICT_WORDS[effectiveVerdict]
    const state = effectiveVerdict === 'unknown' ? 'cannot be judged' : `is ${phrase}`
    const members = enumerate(weakerMembers, 3) || 'another member'
    const own = `By itself it would be ${VERDICT_WORDS[verdict].phrase}: ${REASON_WORDS[reason].because}.`
    return toned(
      effectiveVerdict,
      `${sign} ${address} ${state}: its group ${group.id} decides, and that is ${phrase} because of ${members}. ${own}`,
    )
  }
  const { phrase } = VERDICT_WORDS[verdict]
  const because = reason === 'unreadable' ? UNREADABLE : REASON_WORDS[reason].because
  const caveats = [...new Set(findings.filter(({ effect }) => effect === 'caveat').map(({ rule }) => rule))].sort()
  const but =
    verdict === 'isolated-with-caveats' && caveats.length > 0
      ? `, but see ${caveats.map(caveatWithRule).join(', ')}`
      : ''
  const text =
    verdict === 'unknown'
      ? `${address} cannot be judged: ${because}.`
      : `${address} is ${phrase}${isGood(verdict) ? ': ' : ' because '}${because}${but}.${verdict === 'not-isolated' && typeof cause !== 'string' ? ` ${cause.summary}` : ''}`
  const condition = conditionWords([device])
  const whole = condition === '' ? text : `${text} ${condition}`
  return toned(effectiveVerdict, `${VERDICT_WORDS[effectiveVerdict].sign} ${whole}`)
}

function restWords({ otherRules }: DeviceExplanation, all: boolean): string {
  const { passed, notApplicable, otherDevices } = otherRules
  const parts = [
    `${count(passed, 'rule')} passed`,
    `${notApplicable} do not apply`,
    ...(otherDevices > 0 ? [`${otherDevices} concern others`] : []),
  ]
  return `${parts.join(', ')}.${all ? '' : ' --all: questions, evidence.'}`
}

function blocksOf(explanation: DeviceExplanation, detail: Detail): readonly Block[] {
  const sections: readonly (readonly [string, readonly Block[]])[] = [
    ['Route', routeSection(explanation, detail)],
    ['Answers', answersSection(explanation, detail)],
    ['Not passed', notPassedSection(explanation, detail)],
    ['What would change it', changesSection(explanation, detail)],
  ]
  return [
    answerBlock(explanation),
    ...sections.flatMap(([title, body]) => (body.length > 0 ? [blank, heading(title), ...body] : [])),
    ...(detail.all ? [blank, ...questionsSection(explanation)] : []),
    blank,
    prose('', restWords(explanation, detail.all)),
  ]
}

/** One device for people: its way, the kernel's answer and the verdict, what did not pass and what would change it. */
export function renderHumanExplain(raw: DeviceExplanation, options: RenderOptions): string {
  const explanation = escapeAll(raw)
  return `${layOut(blocksOf(explanation, options.all ? EVERYTHING : ORDINARY), options).join('\n')}\n`
}
