import { describe, expect, test } from 'vitest'
import { paxHeader, type HandmadeEntry } from './handmade-tar.js'
import { anchor, openApart, openEntries, unstacked, withWorkplace } from './hostile-opener.js'

withWorkplace()

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
  test('an extended header beyond all names is refused for its size', async () => {
    // Each record says that it is two bytes long, and the next blank is eight megabytes away.
    const content = Buffer.from(`${'2\n'.repeat(4 << 20)} `)
    const outcome = await openEntries([{ name: 'x', type: 'x', content }, anchor])
    expect(outcome.error?.message).toMatch(/an extended header of 8388609 bytes/)
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
