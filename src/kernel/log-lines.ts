/** Name of a PCI function as it stands in lines of the kernel. */
export const FUNCTION_NAME = /[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]/g

/**
 * Lines of a kernel log by what they say. Each thing is looked for once, however many functions, IOMMUs and ITSs ask: there
 * may be tens of thousands of them, and as many lines.
 */
export class LogLines {
  readonly lines: readonly string[]
  private readonly byPattern = new Map<string, LogLines>()
  private readonly byMention = new Map<string, ReadonlyMap<string, readonly string[]>>()

  constructor(lines: readonly string[]) {
    this.lines = lines
  }

  /** Those that match, in order. */
  of(pattern: RegExp): readonly string[] {
    return this.matching(pattern).lines
  }

  /** Those that match, to look further among them. */
  matching(pattern: RegExp): LogLines {
    // A pattern that is written where it is asked for is another object each time.
    const key = String(pattern)
    let found = this.byPattern.get(key)
    if (!found) this.byPattern.set(key, (found = new LogLines(this.lines.filter((line) => pattern.test(line)))))
    return found
  }

  /**
   * Those that mention `name`, in order.
   *
   * @param mention what such names look like, with the flag `g`
   */
  naming(mention: RegExp, name: string): readonly string[] {
    const key = String(mention)
    let found = this.byMention.get(key)
    if (!found) this.byMention.set(key, (found = linesByMention(this.lines, mention)))
    return found.get(name) ?? []
  }
}

function linesByMention(lines: readonly string[], mention: RegExp): ReadonlyMap<string, readonly string[]> {
  const byName = new Map<string, string[]>()
  for (const line of lines) {
    for (const name of new Set(line.match(mention))) {
      const about = byName.get(name)
      if (about) about.push(line)
      else byName.set(name, [line])
    }
  }
  return byName
}
