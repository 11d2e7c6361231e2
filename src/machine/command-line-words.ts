const isBlank = (character: string): boolean => /\s/.test(character)

/**
 * The words of a kernel command line with their quotes, as the kernel splits them: double quotes keep blanks together, one
 * that is never closed does so up to the end (K: lib/cmdline.c, next_arg). One step a character.
 */
export function commandLineWords(line: string): readonly string[] {
  const words: string[] = []
  let start = -1
  let isQuoted = false
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at)
    if (!isQuoted && isBlank(character)) {
      if (start >= 0) words.push(line.slice(start, at))
      start = -1
      continue
    }
    if (start < 0) start = at
    if (character === '"') isQuoted = !isQuoted
  }
  if (start >= 0) words.push(line.slice(start))
  return words
}
