import { openTold, type ToldSysroot } from '../../src/inputs/told-sysroot.js'
import { TextEvidence, type RecognisedText } from '../../src/inputs/texts/text-evidence.js'
import { ToldMachine } from '../../src/inputs/texts/told-machine.js'

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
}

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
