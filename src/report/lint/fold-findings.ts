import type { FindingReport } from '../types.js'

/** Findings of one cause in one file: the first in full, and where the same is found again. */
export interface FoldedFinding<T extends FindingReport> {
  readonly first: T
  /** The others, in order. */
  readonly more: readonly T[]
}

/** The file a finding is about, and what follows from it: the same for findings of one cause. */
function keyOf({ rule, outcome, severity, evidence, actor, remedy }: FindingReport): string {
  return [rule, outcome, severity, evidence[0]?.source ?? '', actor, remedy].join('\n')
}

/** One finding per cause and file, in the order of the first of each. A finding without a place stays by itself. */
export function foldFindings<T extends FindingReport>(findings: readonly T[]): readonly FoldedFinding<T>[] {
  const folded = new Map<string, { readonly first: T; readonly more: T[] }>()
  findings.forEach((finding, at) => {
    const key = finding.evidence.length === 0 ? String(at) : keyOf(finding)
    const before = folded.get(key)
    if (before) before.more.push(finding)
    else folded.set(key, { first: finding, more: [] })
  })
  return [...folded.values()]
}
