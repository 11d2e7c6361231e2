/** Breaks text at spaces into lines of at most `width` characters; a longer word keeps a line of its own. */
export function wrapWords(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').filter((part) => part !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  if (line !== '') lines.push(line)
  return lines
}

/** A paragraph whose first line starts with `lead` and whose other lines are indented to the same column. */
export function hangingParagraph(lead: string, text: string, width: number): readonly string[] {
  const indent = ' '.repeat(lead.length)
  return wrapWords(text, width - lead.length).map((line, index) => `${index === 0 ? lead : indent}${line}`)
}

/** Cuts to `width` characters, with `..` where something was cut. */
export function fit(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 2))}..`
}

/** Pads or cuts to exactly `width` characters. */
export function cell(text: string, width: number): string {
  return fit(text, width).padEnd(width)
}

/** `1 device`, `2 devices`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** `a`, `a and b`, `a, b and 3 more`: at most `shown` items by name. */
export function enumerate(items: readonly string[], shown: number): string {
  if (items.length > shown + 1) return `${items.slice(0, shown).join(', ')} and ${items.length - shown} more`
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`
}

/** The text with a capital first letter. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
