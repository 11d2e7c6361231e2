import type { KernelLogMessage, Wording } from './message.js'
import { ASSIGNMENT_MESSAGES } from './messages-assignment.js'
import { DPDK_MESSAGES } from './messages-dpdk.js'
import { GIC_MESSAGES } from './messages-gic.js'
import { ARM_IOMMU_MESSAGES } from './messages-iommu-arm.js'
import { X86_IOMMU_MESSAGES } from './messages-iommu-x86.js'
import { VIRTUALIZATION_MESSAGES } from './messages-virtualization.js'

/**
 * Every message of the kernel log that says something here: what a probe keeps, what a capture keeps, and what is
 * explained. The first that matches counts.
 */
export const KERNEL_LOG_MESSAGES: readonly KernelLogMessage[] = [
  ...GIC_MESSAGES,
  ...ARM_IOMMU_MESSAGES,
  ...X86_IOMMU_MESSAGES,
  ...ASSIGNMENT_MESSAGES,
  ...DPDK_MESSAGES,
  ...VIRTUALIZATION_MESSAGES,
]

/** Places in the list by the word that each line of the message holds. */
const BY_WORD: ReadonlyMap<string, readonly number[]> = placesByWord(KERNEL_LOG_MESSAGES)

function placesByWord(messages: readonly KernelLogMessage[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>()
  messages.forEach(({ words }, at) => {
    for (const word of words) places.set(word, [...(places.get(word) ?? []), at])
  })
  return places
}

/** A line that is one of the messages. */
export interface RecognisedLine {
  readonly message: KernelLogMessage
  /** The part of the line that is kept, or the words in its place. */
  readonly kept: string
}

/** A character that no word holds, one that words hold, and one that a word of the list begins with. */
const [OUTSIDE, INSIDE, BEGINNING] = [0, 1, 2]
/** What each character of ASCII is; all others are in no word. */
const CHARACTERS: Uint8Array = characters([...BY_WORD.keys()])

function characters(words: readonly string[]): Uint8Array {
  const kinds = new Uint8Array(128)
  for (let code = 0; code < kinds.length; code++) {
    if (/\w/.test(String.fromCharCode(code))) kinds[code] = INSIDE
  }
  for (const word of words) kinds[word.charCodeAt(0)] = BEGINNING
  return kinds
}

/** Places of the messages that `text` may be: those whose word it holds, first in the list first. */
function candidates(text: string): readonly number[] {
  const found: number[] = []
  let start = -1
  for (let at = 0; at <= text.length; at++) {
    // Asked of no place beyond the end: V8 looks for such a one by its name from then on.
    const code = at < text.length ? text.charCodeAt(at) : 0
    const inside = code < CHARACTERS.length && CHARACTERS[code] !== OUTSIDE
    if (inside && start < 0) start = at
    if (inside || start < 0) continue
    // No other run of characters has to be cut out and looked up.
    const places = CHARACTERS[text.charCodeAt(start)] === BEGINNING ? BY_WORD.get(text.slice(start, at)) : undefined
    if (places) for (const place of places) if (!found.includes(place)) found.push(place)
    start = -1
  }
  return found.sort((left, right) => left - right)
}

function keptOf({ pattern, kept }: Wording, text: string): string | undefined {
  const match = pattern.exec(text)
  if (!match) return undefined
  return kept?.replaceAll(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '') ?? match[0]
}

/** Which message a line is, without level, time and caller; undefined for one that says nothing here. */
export function messageOf(text: string): RecognisedLine | undefined {
  for (const at of candidates(text)) {
    const message = KERNEL_LOG_MESSAGES[at]
    for (const each of message?.wordings ?? []) {
      const kept = keptOf(each, text)
      if (message !== undefined && kept !== undefined) return { message, kept }
    }
  }
  return undefined
}
