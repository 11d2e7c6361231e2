import { loggedMessage, questionWords, type QuestionId } from '../../report/catalogue/term-sources.js'
import type { GateErrno, GateOutcome, Obstacle, Reason, Strength, Verdict } from '../../report/types.js'
import { GLOSSARY } from './glossary.js'
import { OBSTACLE_WORDS } from '../words/obstacle-words.js'
import { REASON_WORDS } from '../words/reason-words.js'
import { MEANINGS } from './term-meanings.js'
import { capitalized } from '../layout/text-layout.js'

export type TermKind =
  | 'acronym'
  | 'verdict'
  | 'reason'
  | 'strength'
  | 'errno'
  | 'answer of a gate'
  | 'obstacle'
  | 'exit code'
  | 'line of the kernel log'

/** A word of the outputs, or a line of the kernel log, with what it means. */
export interface TermEntry {
  readonly term: string
  readonly kind: TermKind
  /** Other ways to write it. */
  readonly forms: readonly string[]
  /** What an acronym stands for; absent for words. */
  readonly expansion?: string
  readonly means: string
  /** The question behind it, as `explain` asks it of a device. */
  readonly question?: string
  /** The rule that looks for it. */
  readonly rule?: string
  /** Who prints a line of the kernel log. */
  readonly source?: string
}

const VERDICTS: Record<Verdict, string> = {
  isolated:
    'The device can raise only its own interrupts: an IOMMU confines what it writes, and the interrupt controller checks who sends.',
  'isolated-with-caveats':
    'As isolated, but a rule found something that weakens it; the rules are named beside the verdict.',
  'not-isolated':
    'The device can raise interrupts that belong to others: whoever is given it can disturb the host and other guests.',
  unknown:
    'What decides it could not be read, or somebody outside this system decides; it is never a good answer in disguise.',
}

const STRENGTHS: Record<Strength, string> = {
  'in-use': 'An interrupt in use goes the way that the verdict says.',
  probed: 'Firmware describes the way and the kernel drives what stands on it; no interrupt in use shows it.',
  described:
    'Only firmware says so: nothing that the kernel did confirms it. Bind the driver of the device and look again.',
  none: 'No witness stands behind the verdict.',
}

const ERRNOS: Record<Exclude<GateErrno, 'none' | 'unknown'>, string> = {
  EPERM:
    'VFIO and iommufd refuse a device whose MSIs are not isolated. allow_unsafe_interrupts overrides that without changing what the device can do.',
  EINVAL:
    'vfio-pci does not bind: the device has no IOMMU group, its IOMMU does not enforce cache coherency, or firmware wants a region mapped 1:1.',
  EAGAIN: 'The driver of the IOMMU is still awaited; the bind is tried again when it is there.',
  ENODEV: 'vfio-pci does not take the device: it is on the denylist, or a newer kernel found no IOMMU group.',
}

const OUTCOMES: Record<GateOutcome, string> = {
  accepts:
    'This kernel would hand the device out. It proves nothing where the verdict is not isolated: releases ask different questions.',
  'accepts-by-override': 'This kernel would hand the device out, only because allow_unsafe_interrupts is on.',
  'accepts-without-iommu':
    'VFIO in no-IOMMU mode would hand the device out: the kernel is tainted, and nothing is protected.',
  refuses: 'This kernel would not hand the device out; the errno beside it says why.',
  absent: 'This kernel does not have that interface.',
  'not-applicable': 'Nobody is handed a device like this: a bridge, an IOMMU, a part of the chipset.',
  unknown: VERDICTS.unknown,
}

const EXIT_CODES: Readonly<Record<string, string>> = {
  '0': 'Every endpoint asked about is good enough.',
  '1': 'At least one endpoint is not isolated.',
  '3': 'None is bad, at least one is unknown, or there is no endpoint at all.',
  '64': 'The command line is wrong; the message says what.',
  '65': 'The input cannot be parsed: damaged, or nothing that is read.',
  '66': 'There is no such device, group, path, rule or term.',
  '70': 'An internal error: no verdict was reached. Please report it.',
}

type Entries = readonly TermEntry[]

const ofWords = <Word extends string>(
  kind: TermKind,
  words: Readonly<Record<Word, string>>,
  question?: QuestionId,
): Entries =>
  Object.entries<string>(words).map(([term, means]) => ({
    term,
    kind,
    forms: [term],
    means,
    ...(question === undefined ? {} : { question: questionWords(question) }),
  }))

const ACRONYMS: Entries = GLOSSARY.flatMap(({ forms, expansion }) => {
  const [term] = forms
  if (term === undefined) return []
  const { means = '', question } = MEANINGS[term] ?? {}
  const asked = question === undefined ? {} : { question: questionWords(question) }
  return [{ term, kind: 'acronym', forms, expansion, means, ...asked } as const]
})

const REASONS_IN_WORDS: Entries = Object.entries<(typeof REASON_WORDS)[Reason]>(REASON_WORDS).map(
  ([term, { short, because, question, explainedBy }]) => ({
    term,
    kind: 'reason',
    forms: [term, short],
    means: `${capitalized(because)}.`,
    question: questionWords(question ?? 'payload'),
    ...(explainedBy === undefined || explainedBy === 'any' ? {} : { rule: explainedBy }),
  }),
)

/** Every term, the words of the report before the acronyms. */
export const TERMS: Entries = [
  ...ofWords('verdict', VERDICTS, 'payload').map((entry) =>
    entry.term === 'isolated' ? { ...entry, forms: ['isolated', 'isolation', 'isolated MSI'] } : entry,
  ),
  ...REASONS_IN_WORDS,
  ...ofWords('strength', STRENGTHS),
  ...ofWords('errno', ERRNOS, 'gates'),
  ...ofWords('answer of a gate', OUTCOMES, 'gates'),
  ...ofWords(
    'obstacle',
    Object.fromEntries(
      Object.entries<string>(OBSTACLE_WORDS satisfies Record<Obstacle['code'], string>).map(([code, words]) => [
        code,
        `${capitalized(words)}.`,
      ]),
    ),
    'gates',
  ),
  ...ofWords('exit code', EXIT_CODES),
  ...ACRONYMS,
]

const plain = (text: string) =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ')

/** What is known of a term in any case, with spaces for hyphens, in the plural; or of a line of the kernel log. */
export function termNamed(text: string): TermEntry | undefined {
  const asked = plain(text)
  const named = (wanted: string) => TERMS.find(({ forms }) => forms.some((form) => plain(form) === wanted))
  const found = TERMS.find(({ forms }) => forms.includes(text)) ?? named(asked) ?? named(asked.replace(/s$/, ''))
  if (found) return found
  const message = loggedMessage(text)
  if (!message) return undefined
  const { id, says, source, releases } = message
  return {
    term: id,
    kind: 'line of the kernel log',
    forms: [id],
    means: says,
    source: releases === 'all' ? source : `${source} (Linux ${releases})`,
  }
}
