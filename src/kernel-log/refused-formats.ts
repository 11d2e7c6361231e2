/** Formats of the journal and of dmesg that are no list of messages, one a line. */
export type RefusedFormat = 'json' | 'journal-verbose' | 'journal-export'

/** What to do with a log in such a format. */
export const REFUSED_FORMATS: Readonly<Record<RefusedFormat, string>> = {
  json: 'The log is JSON. Save it as text: journalctl -k -o short, or dmesg without --json.',
  'journal-verbose': 'The log has every field of the journal. Save it as text: journalctl -k -o short.',
  'journal-export': 'The log is in the export format of the journal. Save it as text: journalctl -k -o short.',
}

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
