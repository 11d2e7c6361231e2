import { gzipSync } from 'node:zlib'
import { paxHeader, tarEntry } from '../unit/sysroot/handmade-tar.js'
import { ascii, beginNode, blobOf, END, END_NODE, joined, NOP, prop } from '../unit/probes/devicetree/flat-tree.js'

/** An input of a format that has about so many bytes, each part of which asks for as much as it can. */
type Grown = (size: number) => Uint8Array

const repeated = (size: number, piece: (index: number) => Uint8Array): readonly Uint8Array[] => {
  const pieces: Uint8Array[] = []
  for (let bytes = 0; bytes < size;) {
    const next = piece(pieces.length)
    pieces.push(next)
    bytes += next.length
  }
  return pieces
}

const tree = (inside: readonly Uint8Array[], strings?: Uint8Array) =>
  blobOf(joined(beginNode(''), prop(0, 'a,b\0'), ...inside, END_NODE, END), strings)

const BLOBS: Readonly<Record<string, Grown>> = {
  'nodes beside one another': (size) =>
    tree(repeated(size, (index) => joined(beginNode(`n@${index.toString(16)}`), END_NODE))),
  'nodes in one another': (size) => {
    const begins = repeated(size - size / 5, (index) => beginNode(`${index}`))
    return tree([...begins, ...begins.map(() => END_NODE)])
  },
  'properties of one node': (size) =>
    tree(
      repeated(size, (index) => prop(11 + 2 * index, '')),
      joined(
        ascii('compatible\0'),
        Uint8Array.from({ length: size / 4 }, (_, at) => (at % 2 === 0 ? 0x61 + ((at / 2) % 26) : 0)),
      ),
    ),
  'names that are ends of one long string': (size) =>
    tree(
      repeated(size / 2, (index) => prop(11 + index, '')),
      joined(ascii('compatible\0'), new Uint8Array(size / 2).fill(0x61), ascii('\0')),
    ),
  'words that mean nothing': (size) => tree(repeated(size, () => NOP)),
  'strings of one property': (size) => tree([prop(0, 'a\0'.repeat(size / 2))]),
}

const archive = (entries: readonly Uint8Array[]) => joined(...entries, new Uint8Array(1024))

const ARCHIVES: Readonly<Record<string, Grown>> = {
  'members of no size': (size) => archive(repeated(size, (index) => tarEntry({ name: `sys/${index}` }))),
  'members in many directories': (size) =>
    archive(
      repeated(size, (index) => {
        const path = `sys/${Array.from({ length: 60 }, (_, level) => `${index}-${level}`).join('/')}`
        return joined(tarEntry(paxHeader({ path })), tarEntry({ name: 'x' }))
      }),
    ),
  'records of a header': (size) =>
    archive([
      tarEntry(paxHeader(Object.fromEntries(repeated(size, () => new Uint8Array(9)).map((_, at) => [`k${at}`, ''])))),
      tarEntry({ name: 'sys/a' }),
    ]),
  'links to one file': (size) =>
    archive([
      tarEntry({ name: 'sys/a', content: 'x' }),
      ...repeated(size, (index) => tarEntry({ name: `sys/l${index}`, type: '1', linkName: 'sys/a' })),
    ]),
  'names that come again': (size) => archive(repeated(size, () => tarEntry({ name: 'sys/a', content: 'x' }))),
}

const FILES: Readonly<Record<string, Grown>> = {
  'a bomb': (size) => gzipSync(new Uint8Array(size * 1024), { level: 9 }),
  'many streams': (size) => joined(...repeated(size, () => gzipSync('a'))),
}

const dumped = (squeezed: number) =>
  `0000000 5041 4349 0040 0000 0001 0000 0000 0000\n*\n${squeezed.toString(16).padStart(7, '0')}\n`

const DUMPS: Readonly<Record<string, Grown>> = {
  'rows that were left out': (size) => ascii(dumped(0x10000).repeat(size / 64)),
}

/** Inputs that grow, by the target whose format they have: what no repetition of a seed's own bytes makes. */
export const GROWN: Readonly<Record<string, Readonly<Record<string, Grown>>>> = {
  'device-tree blob': BLOBS,
  'tar archives': ARCHIVES,
  'gzip files': FILES,
  'table dumps': DUMPS,
  'pasted hexdump': DUMPS,
}
