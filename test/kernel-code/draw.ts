/** Numbers that look random and come out the same for one seed: a linear congruential generator of 64 bits (Knuth's MMIX). */
export class Draw {
  private state: bigint

  constructor(seed: number) {
    this.state = BigInt(seed) * 0x9e3779b97f4a7c15n + 1n
  }

  /** 0 to `limit` - 1. */
  below(limit: number): number {
    this.state = (this.state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn
    return Number(this.state >> 33n) % limit
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  pick<T>(list: readonly [T, ...(readonly T[])]): T {
    return list[this.below(list.length)] ?? list[0]
  }
}
