import type { DeviceExplanation } from '../report/explanation.js'
import type { Role } from '../report/types.js'
import { blank, heading, layOut, prose, toned, type Block } from './document.js'
import { escapeAll } from './escape.js'
import { answersSection, type AnswersDetail } from './explain-answers.js'
import { changesSection, notPassedSection, type FindingsDetail } from './explain-findings.js'
import { questionsSection } from './explain-questions.js'
import { routeSection, type RouteDetail } from './explain-route.js'
import { REASON_WORDS } from './reason-words.js'
import { count, enumerate } from './text-layout.js'
import type { RenderOptions } from './types.js'
import { isGood, VERDICT_WORDS } from './verdict-words.js'

/** Lines of an ordinary screen, less one for the prompt. */
const SCREEN_LINES = 39

interface Detail extends FindingsDetail, AnswersDetail, RouteDetail {
  readonly gaps: boolean
  readonly headings: boolean
}

const EVERYTHING: Detail = {
  gaps: true,
  headings: true,
  all: true,
  evidenceShown: undefined,
  changesShown: undefined,
  logLines: undefined,
  everyday: true,
  chips: true,
  eras: true,
}
const ROOMY: Detail = { ...EVERYTHING, all: false, evidenceShown: 3, changesShown: 3, logLines: 3 }
const CLOSE: Detail = { ...ROOMY, gaps: false, evidenceShown: 2 }
const CLOSER: Detail = { ...CLOSE, evidenceShown: 1, changesShown: 2 }
const TIGHT: Detail = { ...CLOSER, everyday: false, headings: false }
/**
 * From the fullest to the tightest; the first that fits a screen is taken. What did not pass and what to do about it is
 * never cut, however long it is.
 */
const DETAILS: readonly Detail[] = [
  ROOMY,
  CLOSE,
  CLOSER,
  { ...CLOSER, everyday: false },
  TIGHT,
  { ...TIGHT, logLines: 0, chips: false, eras: false },
]

/** What a function is that nobody is handed. */
export const ROLE_WORDS: Record<Exclude<Role, 'endpoint'>, string> = {
  bridge: 'a bridge',
  iommu: 'an IOMMU',
  chipset: 'a part of the chipset without a group, an MSI capability and a driver',
}

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
  const { because } = REASON_WORDS[reason]
  const caveats = [...new Set(findings.filter(({ effect }) => effect === 'caveat').map(({ rule }) => rule))].sort()
  const but = verdict === 'isolated-with-caveats' && caveats.length > 0 ? `, but see ${caveats.join(', ')}` : ''
  const text =
    verdict === 'unknown'
      ? `${address} cannot be judged: ${because}.`
      : `${address} is ${phrase}${isGood(verdict) ? ': ' : ' because '}${because}${but}.${verdict === 'not-isolated' && typeof cause !== 'string' ? ` ${cause.summary}` : ''}`
  return toned(effectiveVerdict, `${VERDICT_WORDS[effectiveVerdict].sign} ${text}`)
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
  const gap = detail.gaps ? [blank] : []
  return [
    answerBlock(explanation),
    ...sections.flatMap(([title, body]) =>
      body.length > 0 ? [...gap, ...(detail.headings ? [heading(title)] : []), ...body] : [],
    ),
    ...(detail.all ? [blank, ...questionsSection(explanation)] : []),
    ...gap,
    prose('', restWords(explanation, detail.all)),
  ]
}

/**
 * One device for people: its way, the kernel's answer and the verdict, what did not pass and what would change it. As
 * much of it as a screen holds, or all.
 */
export function renderHumanExplain(raw: DeviceExplanation, options: RenderOptions): string {
  const explanation = escapeAll(raw)
  const details = options.all ? [EVERYTHING] : DETAILS
  let lines: readonly string[] = []
  for (const detail of details) {
    lines = layOut(blocksOf(explanation, detail), options)
    if (lines.length <= SCREEN_LINES) break
  }
  return `${lines.join('\n')}\n`
}
