/** What was asked of the report. */
export type Question =
  | 'vfioType1'
  | 'iommufd'
  | 'device predicate'
  | 'group predicate'
  | 'viable'
  | 'never too strong'
  | 'never too weak'
  | 'verdict'
  | 'reason'
  | 'isolatedMsi'
  | 'finding'
  | 'present'

export interface Comparison {
  readonly question: Question
  readonly subject: string
  readonly expected: string
  readonly actual: string
  readonly agrees: boolean
  /** The report says `unknown` where the kernel answered: sound, but less than there was to know. */
  readonly undecided: boolean
}

/** `actual` against the answers that are right; several where the contract leaves the choice. */
export function compared(question: Question, subject: string, expected: readonly string[], actual: string): Comparison {
  return {
    question,
    subject,
    expected: expected.join(' or '),
    actual,
    agrees: expected.includes(actual),
    undecided: !expected.includes(actual) && actual.startsWith('unknown'),
  }
}
