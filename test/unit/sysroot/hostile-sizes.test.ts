import { createGzip, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { Budget } from '../../../src/budget/budget.js'
import { openBundle } from '../../../src/sysroot/bundle-sysroot.js'
import { paxHeader, tar, tarEntry, type HandmadeEntry } from './handmade-tar.js'
import { anchor, openApart, openEntries, unstacked, withWorkplace } from './hostile-opener.js'

withWorkplace()

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
    expect(outcome.error?.message).toMatch(/unpacks to more than 268435456 bytes/)
    unstacked(outcome)
    const zeros = await openApart(
      Buffer.concat([gzipSync(tar(anchor)), ...Array.from({ length: 256 }, () => megabytes)]),
    )
    // What pads an archive is not unpacked to its end.
    expect(zeros.error).toBeUndefined()
    expect(zeros.megabytes).toBeLessThan(150)
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
    expect(outcome.notes.at(-1)).toBe('…: and 4900 more')
  })
})

test('a gzip stream that is no archive ends where it shows', async () => {
  const gzip = createGzip({ level: 1 })
  const chunks: Buffer[] = []
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise((resolve) => gzip.on('end', resolve))
  for (let index = 0; index < 64; index += 1) gzip.write(Buffer.alloc(1 << 20))
  gzip.end()
  await ended
  const budget = new Budget()
  await expect(openBundle(Buffer.concat(chunks), 'zeros.gz', 'bundle', budget)).rejects.toThrow(/holds no files/)
  expect(budget.spent('unpackedBytes')).toBeLessThan(4 << 20)
})
