import { ARCHIVE_FUNCTIONS, FOR_EACH_FUNCTION, LIMITS, type Work } from './limits.js'

/** Limits of a test, or of an input that stands for several. */
export type Limits = Readonly<Record<Work, number>>

/** One kind of work: how much of it was done, and how much may be. */
interface Meter {
  spent: number
  limit: number
}

/**
 * What one opening of evidence may cost. Every reader charges it where it does the work, before it does it; what was to be
 * read and passes a limit is unreadable (`too-large`) or left out with its count.
 */
export class Budget {
  private readonly limits: Limits
  /** Of each kind that was asked for. */
  private readonly meters = new Map<Work, Meter>()
  private readonly refused = new Set<Work>()
  private functionsHeld = 0

  constructor(limits: Limits = LIMITS) {
    this.limits = limits
  }

  /** Charges `amount` of a kind of work; false, with nothing done, where the limit would be passed. */
  take(work: Work, amount = 1): boolean {
    const meter = this.meter(work)
    const spent = meter.spent + amount
    if (spent > meter.limit) {
      this.refused.add(work)
      return false
    }
    meter.spent = spent
    return true
  }

  /** Charges likewise, but nothing any more once something was refused: what is shown is whole up to there. */
  takeInOrder(work: Work, amount = 1): boolean {
    return !this.refused.has(work) && this.take(work, amount)
  }

  /** How much of a kind of work was done. */
  spent(work: Work): number {
    return this.meter(work).spent
  }

  limit(work: Work): number {
    return this.meter(work).limit
  }

  /** An archive holds one more function: it may be larger by what one takes, for so many of them. */
  allowFunction(): void {
    if (this.functionsHeld >= Math.min(this.limits.functions, ARCHIVE_FUNCTIONS)) return
    this.functionsHeld += 1
    for (const [work, amount] of FOR_EACH_FUNCTION) this.meter(work).limit += amount
  }

  /** Kinds of work of which more was wanted than there is. */
  get exceeded(): readonly Work[] {
    return [...this.refused]
  }

  /** All work done, whatever its kind. */
  get total(): number {
    let sum = 0
    for (const { spent } of this.meters.values()) sum += spent
    return sum
  }

  private meter(work: Work): Meter {
    let meter = this.meters.get(work)
    if (meter === undefined) this.meters.set(work, (meter = { spent: 0, limit: this.limits[work] }))
    return meter
  }
}
