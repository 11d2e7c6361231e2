import type { Evaluation } from '../../../rules/evaluate.js'
import type { Route, RouteMap } from '../../../routes/route.js'
import type { QuestionReport, ReleaseAnswer, RouteReport } from '../explanation.js'
import { fillMessage } from '../../../rules/fill-message.js'
import type { DeviceReport, EvidenceReport, Verdict } from '../../types.js'

/** What a question may look at. */
export interface QuestionSubject {
  readonly map: RouteMap
  readonly route: Route
  readonly evaluation: Evaluation
  readonly device: DeviceReport
  readonly effectiveVerdict: Verdict
  readonly way: RouteReport
  readonly kernel: ReleaseAnswer
  readonly releases: readonly ReleaseAnswer[]
}

/** A sentence by its key in `messages`; text from the machine goes into the details only. */
export interface Said {
  readonly message: string
  readonly details?: Readonly<Record<string, string>>
}

export interface Reply {
  /** `yes`, `no`, `unknown`, or a key of `answers`. */
  readonly answer: string
  readonly said: readonly Said[]
  readonly evidence?: readonly EvidenceReport[]
}

/** A question that every device is asked. As with rules, the words are data and the code finds facts. */
export interface Question {
  readonly id: string
  readonly question: string
  /** Sentence templates with {placeholders}, by key. */
  readonly messages: Readonly<Record<string, string>>
  reply(subject: QuestionSubject): Reply
}

/** Asks a question and puts the sentences together. */
export function answered(question: Question, subject: QuestionSubject): QuestionReport {
  const { answer, said, evidence } = question.reply(subject)
  const because = said
    .map(({ message, details }) => fillMessage(question.messages[message] ?? message, details ?? {}))
    .join(' ')
  return { id: question.id, question: question.question, answer, because, evidence: evidence ?? [] }
}

/** Ids as a list in words; `none` and `unknown` as such. */
export function idsInWords(ids: readonly string[] | 'unknown'): string {
  if (ids === 'unknown') return 'unknown'
  return ids.length === 0 ? 'none' : ids.join(', ')
}
