import { openTold, type ToldSysroot } from '../../src/inputs/told-sysroot.js'
import { TextEvidence, type RecognisedText } from '../../src/inputs/texts/text-evidence.js'
import { ToldMachine } from '../../src/inputs/texts/told-machine.js'

/** Numbers before lines as pagers, `cat -n` and pages that show files put them. */
const numbered = (text: string, mark: (line: number) => string) =>
  text
    .split('\n')
    .map((line, at) => `${mark(at + 1)}${line}`)
    .join('\n')

/** The same text as posts, mails and terminals make it. */
const MANGLED: Readonly<Record<string, (text: string) => Uint8Array>> = {
  'as it is': (text) => Buffer.from(text),
  'behind a prompt': (text) => Buffer.from(`user@host:~$ sudo lspci -nnk\n${text}user@host:~$ \n`),
  'behind a root prompt': (text) => Buffer.from(`[root@host ~]# cat it\n${text}`),
  'in a fence': (text) => Buffer.from(`Hi all, here is what I get:\n\n\`\`\`text\n${text}\`\`\`\n\nThanks!\n`),
  quoted: (text) => Buffer.from(text.replaceAll(/^/gm, '> ')),
  indented: (text) => Buffer.from(text.replaceAll(/^/gm, '    ')),
  'with line ends of Windows': (text) => Buffer.from(text.replaceAll('\n', '\r\n')),
  'as UTF-16 with a mark': (text) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
  'with a byte order mark': (text) => Buffer.from(`\ufeff${text}`),
  coloured: (text) => Buffer.from(text.replaceAll(/^(\S+)/gm, '\u001b[33m$1\u001b[0m')),
  'as a forum’s page': (text) =>
    Buffer.from(
      text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    ),
  'with quotes of a word processor': (text) => Buffer.from(text.replaceAll(/"([^"\n]*)"/g, '\u201c$1\u201d')),
  'with lines of stderr among it': (text) =>
    Buffer.from(text.replaceAll(/(?<=\n)(?=\S)/g, 'lspci: Unable to load libkmod resources: error -2\n')),
  'with blanks of a browser': (text) => Buffer.from(text.replaceAll(' ', '\u00a0')),
  'as UTF-16 of the other order': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  'with doubled line ends': (text) => Buffer.from(text.replaceAll('\n', '\n\n')),
  'quoted twice': (text) => Buffer.from(text.replaceAll(/^/gm, '> > ')),
  'quoted without blanks': (text) => Buffer.from(text.replaceAll(/^/gm, '>')),
  'with blanks for tabs': (text) => Buffer.from(text.replaceAll('\t', '        ')),
  'with dashes of a word processor': (text) => Buffer.from(text.replaceAll(/(?<!-)-(?!-)/g, '\u2013')),
  'under the heading of a forum': (text) => Buffer.from(`Here it is:\n\nCode:\n${text}\nAny ideas?\n`),
  'under the heading of another forum': (text) => Buffer.from(`Code: Select all\n\n${text}`),
  'with numbers before lines': (text) => Buffer.from(numbered(text, (n) => `${n} `.padStart(7))),
  'with numbers and tabs before lines': (text) => Buffer.from(numbered(text, (n) => `${String(n).padStart(6)}\t`)),
  'with numbers and points before lines': (text) => Buffer.from(numbered(text, (n) => `${n}. `)),
  'with the marks of a difference': (text) => Buffer.from(text.replaceAll(/^/gm, '+')),
  'behind bars': (text) => Buffer.from(text.replaceAll(/^/gm, '| ')),
  'with blanks at the ends of lines': (text) => Buffer.from(text.replaceAll('\n', '   \n')),
  'with carriage returns of a serial console': (text) => Buffer.from(text.replaceAll('\n', '\r\r\n')),
}

/** Lines that a terminal or mailer broke at so many columns: what follows stands at the start of the next line. */
export const wrapped = (text: string, columns: number): string =>
  text
    .split('\n')
    .flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, 'g')) ?? [''])
    .join('\n')

/** What one text tells, and the machine it makes. */
export function readText(bytes: Uint8Array): {
  readonly found: readonly RecognisedText[]
  readonly sysroot: ToldSysroot
} {
  const machine = new ToldMachine()
  const found = new TextEvidence(machine, 'post.txt').read(bytes)
  return { found, sysroot: openTold(machine, { kind: 'bundle', name: 'post.txt' }) }
}

/** The ways to mangle a text, for `test.each`. */
export const mangles = Object.entries(MANGLED)

/** The value of a fact, or why there is none. */
export const valueOf = (fact: { readonly state: string; readonly value?: unknown }): unknown =>
  fact.state === 'known' ? fact.value : fact.state
