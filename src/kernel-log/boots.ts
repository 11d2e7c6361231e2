const BOOT = /^-- (?:Boot [0-9a-f]{32}|Reboot) --$/
const SEPARATOR = /^-- (?:Boot [0-9a-f]{32} --|Reboot --|Logs begin at |Journal begins at |No entries --)/
const FIRST_LINE = /^(?:Booting Linux on physical CPU |Linux version \d)/
/** Messages that a kernel prints before its version: those of loaders and of microcode. */
const MOST_BEFORE_VERSION = 4
const COMMAND_LINE = /^(?:Kernel command line|Command line): /

/** A line of the tool that printed the log: no message, and nothing of it is lost. */
export function isSeparator(line: string): boolean {
  return line.startsWith('-- ') && SEPARATOR.test(line)
}

/** Whether the separator stands between two boots. */
export function separatesBoots(line: string): boolean {
  return BOOT.test(line)
}

/**
 * The messages from the last start of a kernel on. A log that was printed newest first keeps its messages all: there
 * the command line stands before the version, not after it.
 *
 * @param starts places in `lines` at which the printing tool put a separator
 * @param unstamped places of lines without a time where others have one: what /proc/version shows is no start
 */
export function lastBoot(
  lines: readonly string[],
  starts: readonly number[],
  unstamped: ReadonlySet<number>,
): readonly string[] {
  const versions: number[] = []
  for (const [at, line] of lines.entries()) {
    // Arm prints both, the CPU first.
    if (FIRST_LINE.test(line) && !unstamped.has(at) && versions.at(-1) !== at - 1) versions.push(at)
  }
  const [first] = versions
  const commandLine = lines.findIndex((line) => COMMAND_LINE.test(line))
  if (first === undefined || commandLine < first) return lines
  const separated = starts.findLast((at) => at < lines.length) ?? 0
  const start = Math.max(versions.at(-1) ?? 0, separated)
  // A few lines of the same boot stand before its version, where no other version and no separator does.
  const isSame = start <= MOST_BEFORE_VERSION && versions.length === 1 && separated === 0
  return isSame ? lines : lines.slice(start)
}
