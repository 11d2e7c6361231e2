import { ARCHIVE_FUNCTIONS, FOR_EACH_FUNCTION, LIMITS, type Work } from './limits.js'

/** Limits of a test, or of an input that stands for several. */
export type Limits = Readonly<Record<Work, number>>

/**
 * What one opening of evidence may cost. Every reader charges it where it does the work, before it does it; what was to be
 * read and passes a limit is unreadable (`too-large`) or left out with its count.
 */
export class Budget {
  private readonly limits: Limits
  private readonly counts: Partial<Record<Work, number>> = {}
  private readonly refused = new Set<Work>()
  private functionsHeld = 0

  constructor(limits: Limits = LIMITS) {
    this.limits = limits
  }

  /** Charges `amount` of a kind of work; false, with nothing done, where the limit would be passed. */
  take(work: Work, amount = 1): boolean {
    const spent = this.spent(work) + amount
    if (spent > this.limit(work)) {
      this.refused.add(work)
      return false
    }
    this.counts[work] = spent
    return true
  }

  /** Charges likewise, but nothing any more once something was refused: what is shown is whole up to there. */
  takeInOrder(work: Work, amount = 1): boolean {
    return !this.refused.has(work) && this.take(work, amount)
  }

  /** How much of a kind of work was done. */
  spent(work: Work): number {
    return this.counts[work] ?? 0
  }

  limit(work: Work): number {
    const limit = this.limits[work]
    return this.functionsHeld === 0 ? limit : limit + this.functionsHeld * (FOR_EACH_FUNCTION[work] ?? 0)
  }

  /** An archive holds one more function: it may be larger by what one takes, for so many of them. */
  allowFunction(): void {
    if (this.functionsHeld < Math.min(this.limits.functions, ARCHIVE_FUNCTIONS)) this.functionsHeld += 1
  }

  /** Kinds of work of which more was wanted than there is. */
  get exceeded(): readonly Work[] {
    return [...this.refused]
  }

  /** All work done, whatever its kind. */
  get total(): number {
    let sum = 0
    for (const count of Object.values(this.counts)) sum += count
    return sum
  }
}
