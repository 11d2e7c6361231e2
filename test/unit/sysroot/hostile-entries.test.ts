import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { tar, tarEntry } from './handmade-tar.js'
import { anchor, openApart, openEntries, unstacked, withWorkplace } from './hostile-opener.js'

withWorkplace()

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
      'etc/passwd': 'not-collected',
      'list:etc': 'not-collected',
    })
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
