import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileSysroot } from './compiled-sysroot.js'
import { paxHeader, tar, tarEntry, type HandmadeEntry } from './handmade-tar.js'

// A bundle is somebody else's file. Each of these is opened by a process of its own with 256 MiB of heap, as little
// memory besides as `MEMORY_LIMIT` says, an empty directory to work in, and half a minute. It may answer or refuse, in one
// line; it may not fall over, write, or say what is not so.
const MEMORY_LIMIT = 300
const MILLISECONDS = 30_000

interface Outcome {
  readonly error?: { readonly name: string; readonly message: string; readonly stack: string }
  readonly notes: readonly string[]
  readonly answers: Readonly<Record<string, unknown>>
  readonly extras: readonly string[]
  /** Largest resident size of the process. */
  readonly megabytes: number
}

function isOutcome(value: unknown): value is Outcome {
  return typeof value === 'object' && value !== null && 'answers' in value && 'megabytes' in value
}

const OPENER = (modules: string): string => `
import { openBundle } from ${JSON.stringify(join(modules, 'bundle-sysroot.js'))}
import { readBundleFile } from ${JSON.stringify(join(modules, 'bundle-file.js'))}
const [file, name, ...paths] = process.argv.slice(2)
const outcome = { notes: [], answers: {}, extras: [] }
try {
  const { sysroot, notes, extras } = await openBundle(readBundleFile(file), name)
  outcome.notes = notes
  outcome.extras = [...extras.keys()]
  for (const path of paths) {
    const [, how, what] = /^(list|link|size):(.*)$/.exec(path) ?? [undefined, 'text', path]
    const read = how === 'size' ? sysroot.bytes(what) : sysroot[how](what)
    outcome.answers[path] = read.state !== 'known' ? read.reason ?? read.state : how === 'size' ? read.value.length : read.value
  }
} catch (error) {
  outcome.error = { name: error.name, message: error.message, stack: String(error.stack) }
}
process.stdout.write(JSON.stringify({ ...outcome, megabytes: process.resourceUsage().maxRSS / 1024 }))
`

let top: string
let workplace: string
let opener: string
beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'intremap-hostile-'))
  workplace = join(top, 'workplace')
  mkdirSync(workplace)
  opener = join(top, 'opener.mjs')
  writeFileSync(opener, OPENER(compileSysroot(top)))
})
afterAll(() => rmSync(top, { recursive: true, force: true }))

async function openApart(
  archive: Uint8Array,
  paths: readonly string[] = [],
  name = 'hostile.tar.gz',
): Promise<Outcome> {
  const file = join(top, 'hostile.tar.gz')
  writeFileSync(file, archive)
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--max-old-space-size=256', opener, file, name, ...paths],
    { cwd: workplace, timeout: MILLISECONDS, maxBuffer: 1 << 26 },
  )
  expect(stderr).toBe('')
  expect(readdirSync(workplace)).toEqual([])
  const outcome: unknown = JSON.parse(stdout)
  if (!isOutcome(outcome)) return expect.fail(stdout)
  expect(outcome.megabytes).toBeLessThan(MEMORY_LIMIT)
  const said = [...outcome.notes, outcome.error?.message ?? '', outcome.error?.stack ?? '']
  for (const line of said) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
  expect(said.join('')).not.toContain('node:')
  if (outcome.error) expect(outcome.error.name).toBe('BundleError')
  return outcome
}

const openEntries = (entries: readonly HandmadeEntry[], paths: readonly string[] = []) =>
  openApart(gzipSync(tar(...entries)), paths)
const anchor: HandmadeEntry = { name: 'sysroot/sys/anchor', content: 'here\n' }
const unstacked = (outcome: Outcome) => expect(outcome.error?.stack).toBe(`BundleError: ${outcome.error?.message}`)

describe('names', () => {
  test('path traversal and absolute names are passed over', async () => {
    const names = ['../escape', 'sysroot/../../escape', '/etc/escape', 'sysroot/sys/../../../escape', '..', '/']
    const outcome = await openEntries(
      [
        anchor,
        ...names.map((name) => ({ name, content: 'evil\n' })),
        paxHeader({ path: '../../pax-escape' }),
        { name: 'x' },
      ],
      ['sys/anchor', 'escape', 'list:', '../escape', 'etc/escape'],
    )
    expect(outcome.answers).toEqual({
      'sys/anchor': 'here\n',
      escape: 'absent',
      'list:': ['sys'],
      '../escape': 'absent',
      'etc/escape': 'absent',
    })
    expect(outcome.notes).toHaveLength(7)
    expect(outcome.extras).toEqual([])
  })
  test('control characters and terminal sequences are passed over, and escaped in what is said of them', async () => {
    const names = [
      'sysroot/sys/\u001b]0;owned\u0007',
      'sysroot/sys/a\nb',
      'sysroot/sys/\u202egnp',
      'sysroot/sys/\u0085',
      'sysroot/sys/\u007f',
    ]
    const outcome = await openEntries([anchor, ...names.map((name) => ({ name, content: 'x' }))], ['list:sys'])
    expect(outcome.answers).toEqual({ 'list:sys': ['anchor'] })
    expect(outcome.notes[0]).toBe('sysroot/sys/\\u{1b}]0;owned\\u{7}: a name with control characters; passed over')
    expect(outcome.notes).toHaveLength(5)
  })
  test('invalid UTF-8 is passed over', async () => {
    const outcome = await openEntries(
      [
        anchor,
        { name: Buffer.from('sysroot/sys/\xff\xfe', 'latin1') },
        { name: Buffer.from('sysroot/sys/\xc0\xae', 'latin1') },
      ],
      ['list:sys'],
    )
    expect(outcome.answers).toEqual({ 'list:sys': ['anchor'] })
    expect(outcome.notes).toHaveLength(2)
  })
  test('overlong and overdeep names are passed over', async () => {
    const long = (path: string): HandmadeEntry[] => [
      { name: '././@LongLink', type: 'L', content: `${path}\0` },
      { name: 'cut', content: 'x' },
    ]
    const outcome = await openEntries(
      [
        anchor,
        ...long('d/'.repeat(500) + 'x'),
        ...long('sysroot/'.repeat(7000)),
        ...long(`sysroot/sys/${'n'.repeat(256)}`),
        ...long(`sysroot/sys/${'n'.repeat(255)}`),
      ],
      ['list:sys'],
    )
    expect(outcome.answers).toEqual({ 'list:sys': ['anchor', 'n'.repeat(255)] })
    expect(outcome.notes).toHaveLength(3)
  })
  test('an extended header beyond all names is refused, at once', async () => {
    // Each record says that it is two bytes long, and the next blank is eight megabytes away.
    const content = Buffer.from(`${'2\n'.repeat(4 << 20)} `)
    const begin = performance.now()
    const outcome = await openEntries([{ name: 'x', type: 'x', content }, anchor])
    expect(outcome.error?.message).toMatch(/an extended header of 8388609 bytes/)
    expect(performance.now() - begin).toBeLessThan(10_000)
    const small = await openEntries([{ name: 'x', type: 'x', content: content.subarray(-65_000) }, anchor])
    expect(small.error?.message).toMatch(/damaged PAX/)
  })
  test('names that JavaScript knows are names', async () => {
    const outcome = await openEntries(
      [anchor, { name: 'sysroot/__proto__/polluted', content: 'x' }, { name: 'sysroot/constructor', content: 'y' }],
      ['__proto__/polluted', 'constructor', 'polluted', 'toString', 'list:'],
    )
    expect(outcome.answers).toEqual({
      '__proto__/polluted': 'x',
      constructor: 'y',
      polluted: 'absent',
      toString: 'absent',
      'list:': ['__proto__', 'constructor', 'sys'],
    })
  })
  test('the name of the archive itself is escaped', async () => {
    const outcome = await openApart(Buffer.from('x'), [], 'a\u001b[2J\u202e.tar.gz')
    expect(outcome.error?.message).toBe(
      'a\\u{1b}[2J\\u{202e}.tar.gz: the file is neither a gzip nor a tar archive. Take the capture again, or pass a tar.gz archive of the machine.',
    )
    unstacked(outcome)
  })
})

describe('links', () => {
  test('out of the tree lead nowhere, loops end', async () => {
    const link = (name: string, linkName: string): HandmadeEntry => ({ name: `sysroot/${name}`, type: '2', linkName })
    const outcome = await openEntries(
      [
        anchor,
        link('sys/absolute', '/etc/passwd'),
        link('sys/up', `${'../'.repeat(20)}etc/passwd`),
        link('sys/etc', '/etc'),
        link('sys/proc', '/proc/self/environ'),
        link('a', 'b'),
        link('b', 'a'),
        link('self', 'self/self'),
        link('sys/in', '/sys/anchor'),
      ],
      [
        'sys/absolute',
        'sys/up',
        'sys/etc/passwd',
        'list:sys/etc',
        'sys/proc',
        'a',
        'list:b',
        'self',
        'self/x',
        'sys/in',
        'link:a',
      ],
    )
    expect(outcome.answers).toEqual({
      'sys/absolute': 'absent',
      'sys/up': 'absent',
      'sys/etc/passwd': 'absent',
      'list:sys/etc': 'absent',
      'sys/proc': 'absent',
      a: 'io',
      'list:b': 'io',
      self: 'io',
      'self/x': 'io',
      'sys/in': 'here\n',
      'link:a': 'b',
    })
  })
  test('that would be written through make neither believable', async () => {
    const outcome = await openEntries(
      [
        anchor,
        { name: 'sysroot/out', type: '2', linkName: '/tmp' },
        { name: 'sysroot/out/written', content: 'evil' },
        { name: 'sysroot/file', content: 'f' },
        { name: 'sysroot/file/below', content: 'g' },
      ],
      ['out/written', 'link:out', 'file', 'file/below', 'tmp/written'],
    )
    expect(outcome.answers).toEqual({
      'out/written': 'malformed',
      'link:out': 'malformed',
      file: 'malformed',
      'file/below': 'malformed',
      'tmp/written': 'absent',
    })
    expect(outcome.notes).toHaveLength(2)
  })
  test('with targets that are no paths are unreadable, not absent', async () => {
    const outcome = await openEntries(
      [
        anchor,
        { name: 'sysroot/sys/escape', type: '2', linkName: 'x\u001b[31m' },
        { name: 'sysroot/sys/bytes', type: '2', linkName: Buffer.from([0xff]) },
        { name: '././@LongLink', type: 'K', content: `${'x/'.repeat(3000)}\0` },
        { name: 'sysroot/sys/long', type: '2' },
      ],
      ['link:sys/escape', 'link:sys/bytes', 'link:sys/long'],
    )
    expect(Object.values(outcome.answers)).toEqual(['malformed', 'malformed', 'malformed'])
  })
  test('hard links stay inside the archive', async () => {
    const hard = (name: string, linkName: string): HandmadeEntry => ({ name: `sysroot/${name}`, type: '1', linkName })
    const outcome = await openEntries(
      [
        anchor,
        hard('good', 'sysroot/sys/anchor'),
        hard('outside', '/etc/passwd'),
        hard('up', '../../etc/passwd'),
        hard('a', 'sysroot/b'),
        hard('b', 'sysroot/a'),
        hard('self', 'sysroot/self'),
        hard('directory', 'sysroot/sys'),
        hard('relative', 'sys/anchor'),
      ],
      ['good', 'outside', 'up', 'a', 'b', 'self', 'directory', 'relative'],
    )
    expect(outcome.answers).toEqual({
      good: 'here\n',
      outside: 'malformed',
      up: 'malformed',
      a: 'malformed',
      b: 'malformed',
      self: 'malformed',
      directory: 'malformed',
      relative: 'malformed',
    })
  })
})

describe('entries', () => {
  test('device nodes and FIFOs are names, nothing more', async () => {
    const outcome = await openEntries(
      [
        anchor,
        { name: 'sysroot/dev/mem', type: '3' },
        { name: 'sysroot/dev/sda', type: '4' },
        { name: 'sysroot/sys/fifo', type: '6', claimedSize: 4096 },
        { name: 'sysroot/sys/odd', type: 'D', content: 'x' },
      ],
      ['dev/mem', 'dev/sda', 'sys/fifo', 'sys/odd', 'list:dev', 'sys/anchor'],
    )
    expect(outcome.answers).toEqual({
      'dev/mem': 'malformed',
      'dev/sda': 'malformed',
      'sys/fifo': 'malformed',
      'sys/odd': 'malformed',
      'list:dev': ['mem', 'sda'],
      'sys/anchor': 'here\n',
    })
    expect(outcome.notes).toHaveLength(4)
  })
  test('that come twice: the same is one, different content is neither', async () => {
    const outcome = await openEntries(
      [
        anchor,
        anchor,
        { name: 'sysroot/sys/', type: '5' },
        { name: 'sysroot/a', content: 'good' },
        { name: './sysroot//a', content: 'evil' },
        { name: 'sysroot/b', content: 'x' },
        { name: 'sysroot/b', type: '2', linkName: 'a' },
        { name: 'sysroot/c', type: '2', linkName: 'a' },
        { name: 'sysroot/c', type: '2', linkName: 'sys/anchor' },
        { name: 'sysroot/d', type: '5' },
        { name: 'sysroot/d', content: 'x' },
        { name: 'sysroot/e', type: '1', linkName: 'sysroot/sys/anchor' },
        { name: 'sysroot/e', content: 'other' },
        { name: 'sysroot/f', content: '1' },
        { name: 'sysroot/f', content: '2' },
        { name: 'sysroot/f', content: '1' },
      ],
      ['sys/anchor', 'a', 'b', 'c', 'd', 'e', 'f'],
    )
    expect(outcome.answers).toEqual({
      'sys/anchor': 'here\n',
      a: 'malformed',
      b: 'malformed',
      c: 'malformed',
      d: 'malformed',
      e: 'malformed',
      f: 'malformed',
    })
  })
  test('a sysroot that is a link or a file is refused', async () => {
    expect((await openEntries([{ name: 'sysroot', type: '2', linkName: '/' }])).error?.message).toMatch(
      /its sysroot is no directory/,
    )
    expect((await openEntries([{ name: 'sysroot', content: 'x' }, anchor])).error?.message).toMatch(
      /its sysroot is no directory/,
    )
  })
  test('a manifest that lies only takes away', async () => {
    const lies = {
      schema: 'intremap/bundle',
      schemaVersion: '1.0.0',
      unreadable: { '': 'io', '../../etc/passwd': 'io', __proto__: 'io' },
      absent: ['sys/anchor', '../x'],
      listings: { sys: [], etc: ['passwd'] },
    }
    const outcome = await openEntries(
      [anchor, { name: 'manifest.json', content: JSON.stringify(lies) }],
      ['sys/anchor', 'list:sys', 'list:', 'etc/passwd', 'list:etc'],
    )
    expect(outcome.answers).toEqual({
      'sys/anchor': 'malformed',
      'list:sys': 'malformed',
      'list:': 'io',
      'etc/passwd': 'io',
      'list:etc': 'io',
    })
  })
})

describe('sizes', () => {
  const giant = 2 ** 50
  test('a sparse giant that is not there ends the archive early', async () => {
    for (const entry of [
      { name: 'sysroot/sys/giant', claimedSize: giant },
      { name: 'sysroot/sys/giant', claimedSize: 8 * 2 ** 30 - 1 },
    ]) {
      const outcome = await openEntries([anchor, entry])
      expect(outcome.error?.message).toMatch(
        /^hostile.tar.gz: the archive ends early, after \d+ bytes\. Take the capture again/,
      )
      unstacked(outcome)
    }
    const pax = await openEntries([anchor, paxHeader({ size: String(giant) }), { name: 'sysroot/sys/giant' }])
    expect(pax.error?.message).toMatch(/ends early/)
  })
  test('sparse entries are unreadable, whatever they stand for', async () => {
    const outcome = await openEntries(
      [
        anchor,
        { name: 'sysroot/old', type: 'S', gnu: true, content: 'data', patch: { 483: Buffer.from('77777777777\0') } },
        paxHeader({
          'GNU.sparse.major': '1',
          'GNU.sparse.minor': '0',
          'GNU.sparse.name': 'sysroot/new',
          'GNU.sparse.realsize': String(giant),
        }),
        { name: 'GNUSparseFile.0/new', content: '1\n0\n4\n' },
      ],
      ['old', 'new', 'sys/anchor'],
    )
    expect(outcome.answers).toEqual({ old: 'malformed', new: 'malformed', 'sys/anchor': 'here\n' })
  })
  test('a file above 16 MiB is too large, the rest is read', async () => {
    const outcome = await openEntries(
      [
        { name: 'sysroot/big', content: Buffer.alloc((16 << 20) + 1) },
        { name: 'sysroot/fits', content: Buffer.alloc(16 << 20) },
        anchor,
      ],
      ['big', 'size:fits', 'sys/anchor'],
    )
    expect(outcome.answers).toEqual({ big: 'too-large', 'size:fits': 16 << 20, 'sys/anchor': 'here\n' })
  })
  test('files of more than 128 MiB together are refused', async () => {
    const content = Buffer.alloc(16 << 20)
    const entries = Array.from({ length: 9 }, (_, index) => gzipSync(tarEntry({ name: `sysroot/${index}`, content })))
    expect((await openApart(Buffer.concat(entries))).error?.message).toMatch(/its files hold more than 134217728 bytes/)
  })
  test('a decompression bomb is defused', async () => {
    const megabytes = gzipSync(Buffer.alloc(32 << 20), { level: 9 })
    const bomb = Buffer.concat([
      gzipSync(tarEntry({ name: 'sysroot/bomb', claimedSize: 2 ** 33 - 512 })),
      ...Array.from({ length: 256 }, () => megabytes),
    ])
    expect(bomb.length).toBeLessThan(10 << 20)
    const outcome = await openApart(bomb)
    expect(outcome.error?.message).toMatch(/unpacks to more than 536870912 bytes/)
    unstacked(outcome)
    const zeros = await openApart(
      Buffer.concat([gzipSync(tar(anchor)), ...Array.from({ length: 256 }, () => megabytes)]),
    )
    expect(zeros.error?.message).toMatch(/unpacks to more than 536870912 bytes/)
  })
  test('millions of entries are refused', async () => {
    const thousand = gzipSync(
      Buffer.concat(Array.from({ length: 1000 }, (_, index) => tarEntry({ name: `sysroot/sys/${index}` }))),
    )
    const outcome = await openApart(Buffer.concat(Array.from({ length: 1000 }, () => thousand)))
    expect(outcome.error?.message).toMatch(/more than 200000 entries/)
  })
  test('as many entries as are allowed, all different, are read', async () => {
    const parts: Buffer[] = []
    for (let thousand = 0; thousand < 199; thousand += 1) {
      const block = Array.from({ length: 1000 }, (_, index) =>
        tarEntry({ name: `sysroot/sys/${'d'.repeat(40)}/${thousand}/${index}`, content: 'x\n' }),
      )
      parts.push(gzipSync(Buffer.concat(block), { level: 1 }))
    }
    const outcome = await openApart(Buffer.concat([...parts, gzipSync(tar(anchor))]), [
      'sys/anchor',
      `sys/${'d'.repeat(40)}/198/999`,
    ])
    expect(Object.values(outcome.answers)).toEqual(['here\n', 'x\n'])
  })
  test('as many directories as can be, one in the other', async () => {
    const deep = (index: number): HandmadeEntry[] => [
      {
        name: '././@LongLink',
        type: 'L',
        content: `sysroot/${Array.from({ length: 60 }, (_, at) => `${index}-${at}`).join('/')}\0`,
      },
      { name: 'x' },
    ]
    const outcome = await openEntries(
      [anchor, ...Array.from({ length: 2000 }, (_, index) => deep(index)).flat()],
      ['sys/anchor', 'list:7-0/7-1'],
    )
    expect(outcome.answers).toEqual({ 'sys/anchor': 'here\n', 'list:7-0/7-1': ['7-2'] })
  })
  test('notes are bounded', async () => {
    const outcome = await openEntries([
      anchor,
      ...Array.from({ length: 5000 }, (_, index) => ({ name: `../${index}/${'x'.repeat(80)}` })),
    ])
    expect(outcome.notes).toHaveLength(101)
    expect(outcome.notes.at(-1)).toBe('… and 4900 more')
  })
})

describe('what is no archive', () => {
  const whole = tar(anchor, {
    name: 'sysroot/sys/random',
    content: Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * 7919) % 256)),
  })
  test.each<[string, Uint8Array, RegExp]>([
    ['an empty file', Buffer.alloc(0), /the file is empty/],
    ['text', Buffer.from('hello\n'.repeat(500)), /neither a gzip nor a tar archive/],
    ['zeros', Buffer.alloc(10_240), /holds no files|neither/],
    ['the gzip magic alone', Buffer.of(0x1f, 0x8b), /gzip data ends early/],
    ['gzip of nothing', gzipSync(''), /ends early, after 0 bytes/],
    ['gzip of text', gzipSync('hello\n'.repeat(500)), /checksum at byte 0/],
    ['gzip of gzip', gzipSync(gzipSync(whole)), /ends early|checksum/],
    ['gzip cut short', gzipSync(whole).subarray(0, -300), /gzip data ends early/],
    ['gzip without its last byte', gzipSync(whole).subarray(0, -1), /gzip data ends early/],
    [
      'gzip with a flipped bit',
      gzipSync(whole).map((byte, at) => (at === 60 ? byte ^ 4 : byte)),
      /gzip data is damaged|checksum|ends early/,
    ],
    ['a tar cut in content', whole.subarray(0, 2000), /ends early, after 2000 bytes/],
    ['a tar cut between entries, in gzip', gzipSync(whole.subarray(0, 1024)), /ends early, after 1024 bytes/],
    [
      'a header with a wrong checksum',
      gzipSync(Buffer.concat([tarEntry(anchor), Buffer.alloc(512, 'x')])),
      /checksum at byte 1024/,
    ],
  ])('%s is refused in one line that says what to do', async (_, archive, message) => {
    const outcome = await openApart(archive)
    expect(outcome.error?.message).toMatch(message)
    expect(outcome.error?.message).toMatch(/^hostile\.tar\.gz: .*\. (Take the capture again|Pass an archive)/)
    unstacked(outcome)
  })
  test('content after the end mark is passed over and noted', async () => {
    const outcome = await openApart(
      gzipSync(Buffer.concat([tar(anchor), tar({ name: 'sysroot/late', content: 'x' })])),
      ['late', 'sys/anchor'],
    )
    expect(outcome.answers).toEqual({ late: 'absent', 'sys/anchor': 'here\n' })
    expect(outcome.notes).toEqual(['the archive goes on after its end mark; that part was passed over'])
  })
})
