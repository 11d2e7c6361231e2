/**
 * Text in the man macros (man(7), groff_man_style(7)): every character stands for itself. A hyphen is that of a terminal,
 * so that what is copied from a page can be pasted into a shell.
 */
export function roffText(text: string): string {
  return text
    .replaceAll('\\', '\\(rs')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll('`', '\\(ga')
    .replaceAll(/[\u0080-\u{10ffff}]/gu, (character) => {
      return `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`
    })
    .replace(/^(?=\.)/, '\\&')
}

/** A macro with its words, each one argument. */
export function macro(name: string, ...words: readonly string[]): string {
  return [
    `.${name}`,
    ...words.map((word) => (/[ "]|^$/.test(word) ? `"${word.replaceAll('"', '\\(dq')}"` : word)),
  ].join(' ')
}

/** A paragraph: prose of one line a sentence, as such sources are written. */
export function paragraph(text: string): readonly string[] {
  return text.split(/(?<=[.;:?!]) {1,8}(?=[A-Z])/).map(roffText)
}

/** Lines as they are, in the typeface of a terminal. */
export function example(lines: readonly string[]): readonly string[] {
  return ['.PP', '.RS 4', '.EX', ...lines.map(roffText), '.EE', '.RE']
}
