/** Formats of the journal and of dmesg that are no list of messages, one a line. */
export type RefusedFormat = 'json' | 'journal-verbose' | 'journal-export'

/** Looks at the beginning of the text only. */
export function refusedFormat(text: string): RefusedFormat | undefined {
  const start = text
    .slice(0, 4096)
    .replace(/^\ufeff/, '')
    .trimStart()
  if (/^(?:\u001e|data: )?[{[]\s*"/.test(start)) return 'json'
  if (start.startsWith('__CURSOR=')) return 'journal-export'
  if (/^(?:-- [^\n]{0,200}\n)?[^\n[]{0,64}\[s=[0-9a-f]+;i=/.test(start)) return 'journal-verbose'
  return undefined
}
