import type { KernelLogMessage } from '../../kernel-log/message.js'
import { KERNEL_LOG_MESSAGES, messageOf } from '../../kernel-log/messages.js'
import { FOUNDING_QUESTIONS } from '../explain/questions/founding-questions.js'

/** Questions that `explain` asks of every device. */
export type QuestionId =
  | 'translation'
  | 'payload'
  | 'gic-generation'
  | 'doorbell'
  | 'gates'
  | 'history'
  | 'back-doors'
  | 'cache-coherency'
  | 'guest-interrupts'
  | 'without-hypervisor'

/** The words of a question; `unknown` where there is none of that id. */
export function questionWords(id: QuestionId): string {
  return FOUNDING_QUESTIONS.find((question) => question.id === id)?.question ?? 'unknown'
}

/** A message of the kernel log, as far as people are told of it. */
export interface LoggedMessage {
  readonly id: string
  readonly topic: string
  readonly says: string
  readonly source: string
  readonly releases: string
}

/** Words of a line that have to be those of a message, and how many of all of its words. */
const LEAST_WORDS = 3
const LEAST_SHARE = 0.6

const wordsOf = (text: string) => new Set(text.toLowerCase().match(/[a-z0-9_-]+/g))

/** A line without what stands before the message: `kernel:` of the journal, the time in brackets of dmesg. */
function bareMessage(line: string): string {
  const behind = line.indexOf('kernel: ')
  const text = (behind < 0 ? line : line.slice(behind + 'kernel: '.length)).trim()
  const bracket = text.startsWith('[') ? text.indexOf(']') : -1
  return text.slice(bracket + 1).trim()
}

/** The message that has most words of a line that is none of them exactly; people remember and shorten. */
function likeliest(line: string): KernelLogMessage | undefined {
  const asked = [...wordsOf(line)]
  let best: { readonly message: KernelLogMessage; readonly share: number } | undefined
  for (const message of asked.length < LEAST_WORDS ? [] : KERNEL_LOG_MESSAGES) {
    for (const { pattern } of message.wordings) {
      const words = wordsOf(pattern.source.replaceAll('\\', ''))
      const shared = asked.filter((word) => words.has(word)).length
      if (shared < LEAST_WORDS || shared < asked.length * LEAST_SHARE) continue
      // Of two with as many of the words, the one that has fewer others.
      const share = shared / (asked.length + words.size - shared)
      if (share > (best?.share ?? 0)) best = { message, share }
    }
  }
  return best?.message
}

/**
 * The message of the kernel log that a line is, or that has most of its words. Level, time and caller before it do not
 * matter. Undefined for lines that say nothing here.
 */
export function loggedMessage(line: string): LoggedMessage | undefined {
  const bare = bareMessage(line.slice(0, 1000))
  const message = messageOf(bare)?.message ?? likeliest(bare)
  if (!message) return undefined
  const { id, topic, says, source, releases } = message
  return { id, topic, says, source, releases: releases ?? 'all' }
}
