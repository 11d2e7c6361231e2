/**
 * The directories used last, each with what is known of it: few enough that a search of them is cheaper than a table.
 */
export class RecentDirectories<T extends { readonly path: string }> {
  /** The one used last comes first. */
  private readonly entries: T[] = []
  private readonly most: number

  constructor(most: number) {
    this.most = most
  }

  /** What is known of a directory, which from now on is the one used last. */
  find(path: string): T | undefined {
    const { entries } = this
    const [newest] = entries
    if (newest?.path === path) return newest
    for (let index = 1; index < entries.length; index += 1) {
      const entry = entries[index]
      if (entry?.path !== path) continue
      entries.copyWithin(1, 0, index)
      entries[0] = entry
      return entry
    }
    return undefined
  }

  /** Adds a directory that is not there yet. Gives back the one that was used longest ago, where there are too many. */
  add(entry: T): T | undefined {
    this.entries.unshift(entry)
    return this.entries.length > this.most ? this.entries.pop() : undefined
  }

  /** Takes all of them away. */
  takeAll(): readonly T[] {
    return this.entries.splice(0)
  }
}
