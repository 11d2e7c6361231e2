import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Budget } from '../../../src/budget/budget.js'
import { LIMITS } from '../../../src/budget/limits.js'
import { TarReader } from '../../../src/sysroot/tar-reader.js'
import { paxHeader, tar, tarEntry, type HandmadeEntry } from './handmade-tar.js'

interface Read {
  name: string
  type: string
  link: string
  size: number
  sparse: boolean
  content: string
}

function readTar(archive: Buffer, piece = archive.length): Read[] {
  const read: { entry: Omit<Read, 'content'>; content: Uint8Array }[] = []
  const reader = new TarReader(
    'test.tar',
    new Budget({ ...LIMITS, entries: 1000 }),
    ({ name, linkName, size, type, sparse }) => {
      const content = new Uint8Array(size)
      read.push({
        entry: { name: Buffer.from(name).toString(), link: Buffer.from(linkName).toString(), size, type, sparse },
        content,
      })
      return content
    },
  )
  for (let at = 0; at < archive.length; at += piece) reader.push(archive.subarray(at, at + piece))
  reader.end()
  return read.map(({ entry, content }) => ({ ...entry, content: Buffer.from(content).toString() }))
}

const plain = { type: '0', link: '', sparse: false }
const LONG = `sysroot/${'d'.repeat(90)}/${'e'.repeat(90)}`

describe('entries', () => {
  const entries: HandmadeEntry[] = [
    { name: 'sysroot/', type: '5' },
    { name: 'sysroot/a', content: 'one\n' },
    { name: 'empty' },
    { name: 'link', type: '2', linkName: '../x' },
    { name: 'tail', prefix: 'some/prefix', content: 'x'.repeat(513) },
    { name: 'not/a/prefix', prefix: 'garbage', gnu: true },
    { name: '././@LongLink', type: 'L', content: `${LONG}\0` },
    { name: 'cut', content: 'long\n' },
    paxHeader({ mtime: '1.5', path: `${LONG}\u00e9`, comment: 'x=y' }),
    { name: 'cut', content: 'pax\n' },
    { name: '././@LongLink', type: 'K', content: `${LONG}\0` },
    { name: 'long-link', type: '2', linkName: 'cut' },
    paxHeader({ linkpath: 'far/away' }),
    { name: 'pax-link', type: '2', linkName: 'cut' },
    { name: 'global', type: 'g', content: '30 comment=abc path=nothing12\n' },
    paxHeader({ size: '3' }),
    { name: 'sized', content: 'abc', claimedSize: 7 },
    { name: 'contiguous', type: '7', content: 'c' },
    { name: 'old', type: '\0', content: 'o' },
    paxHeader({ 'GNU.sparse.major': '1', 'GNU.sparse.name': 'real', path: 'GNUSparseFile.0/real' }),
    { name: 'x', content: '1\n0\n1\n' },
    { name: 'gnu-sparse', type: 'S', gnu: true, content: 'z' },
  ]
  const expected: Read[] = [
    { name: 'sysroot/', type: '5', link: '', size: 0, sparse: false, content: '' },
    { ...plain, name: 'sysroot/a', size: 4, content: 'one\n' },
    { ...plain, name: 'empty', size: 0, content: '' },
    { name: 'link', type: '2', link: '../x', size: 0, sparse: false, content: '' },
    { ...plain, name: 'some/prefix/tail', size: 513, content: 'x'.repeat(513) },
    { ...plain, name: 'not/a/prefix', size: 0, content: '' },
    { ...plain, name: LONG, size: 5, content: 'long\n' },
    { ...plain, name: `${LONG}\u00e9`, size: 4, content: 'pax\n' },
    { name: 'long-link', type: '2', link: LONG, size: 0, sparse: false, content: '' },
    { name: 'pax-link', type: '2', link: 'far/away', size: 0, sparse: false, content: '' },
    { ...plain, name: 'sized', size: 3, content: 'abc' },
    { ...plain, name: 'contiguous', type: '7', size: 1, content: 'c' },
    { ...plain, name: 'old', type: '\0', size: 1, content: 'o' },
    { ...plain, name: 'real', size: 6, sparse: true, content: '1\n0\n1\n' },
    { ...plain, name: 'gnu-sparse', type: 'S', size: 1, sparse: true, content: 'z' },
  ]
  test.each([1, 7, 511, 512, 513, 4096, 1 << 20])('in pieces of %i bytes', (piece) => {
    expect(readTar(tar(...entries), piece)).toEqual(expected)
  })
})

describe('what is no archive', () => {
  const whole = tar({ name: 'a', content: 'x'.repeat(600) })
  test.each([
    ['cut in a header', whole.subarray(0, 300), /ends early, after 300 bytes/],
    ['cut in content', whole.subarray(0, 700), /ends early, after 700 bytes/],
    ['cut in padding', whole.subarray(0, 1200), /ends early, after 1200 bytes/],
    ['cut where an entry would start', whole.subarray(0, 1536), /ends early, after 1536 bytes/],
    ['cut in an extended header', tar(paxHeader({ path: 'x'.repeat(900) })).subarray(0, 900), /ends early/],
    [
      'a wrong checksum',
      Buffer.concat([tarEntry({ name: 'a' }), Buffer.from(tarEntry({ name: 'b' }).fill('c', 0, 1))]),
      /checksum at byte 512/,
    ],
    ['no entries', Buffer.alloc(1024), /holds no files/],
    [
      'content after one zero block',
      Buffer.concat([tarEntry({ name: 'a' }), Buffer.alloc(512), tar({ name: 'b' })]),
      /byte 1024, after the end mark/,
    ],
    ['a negative size', tar({ name: 'a', patch: { 124: Buffer.alloc(12, 0xff) } }), /impossible size at byte 0/],
    ['letters for a size', tar({ name: 'a', patch: { 124: Buffer.from('0000000zz00') } }), /impossible size at byte 0/],
    [
      'a sparse file in many pieces',
      tar({ name: 'a', type: 'S', gnu: true, patch: { 482: Uint8Array.of(1) } }),
      /sparse file in many pieces/,
    ],
    ['PAX without length', tar({ name: 'x', type: 'x', content: 'path=y\n' }), /damaged PAX/],
    ['PAX with a length past the end', tar({ name: 'x', type: 'x', content: '99 path=y\n' }), /damaged PAX/],
    ['PAX with a length of zero', tar({ name: 'x', type: 'x', content: '0 path=y\n' }), /damaged PAX/],
    ['PAX with a size of words', tar(paxHeader({ size: 'many' })), /impossible size/],
  ])('%s', (_, archive, message) => expect(() => readTar(archive)).toThrow(message))
  test('one zero block ends an archive, as some writers leave it', () => {
    expect(readTar(whole.subarray(0, 2048)).map(({ name }) => name)).toEqual(['a'])
  })
})

const hasTar = spawnSync('tar', ['--version']).status === 0
test.runIf(hasTar).each(['gnu', 'pax', 'ustar', 'v7', 'oldgnu'])(
  'what tar writes as %s is read whole (needs tar)',
  (format) => {
    const directory = mkdtempSync(join(tmpdir(), 'intremap-tar-'))
    const deep = format === 'v7' ? 'n' : 'n'.repeat(80)
    mkdirSync(join(directory, deep, deep), { recursive: true })
    writeFileSync(join(directory, deep, deep, 'file'), 'content\n')
    symlinkSync('../target', join(directory, deep, 'link'))
    const archive = execFileSync('tar', ['-c', `--format=${format}`, '-C', directory, deep])
    rmSync(directory, { recursive: true })
    const read = readTar(archive).map(({ name, link, content }) => [name, link, content])
    expect(read).toContainEqual([`${deep}/${deep}/file`, '', 'content\n'])
    expect(read).toContainEqual([`${deep}/link`, '../target', ''])
  },
)
