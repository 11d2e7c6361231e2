import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { Budget } from '../../../src/budget/budget.js'
import { LIMITS, type Work } from '../../../src/budget/limits.js'
import { BundleError } from '../../../src/sysroot/bundle-error.js'
import { readBundleFile } from '../../../src/sysroot/bundle-file.js'
import { openBundle } from '../../../src/sysroot/bundle-sysroot.js'
import { openDirectorySysroot } from '../../../src/sysroot/directory-sysroot.js'
import type { Read } from '../../../src/sysroot/sysroot.js'
import { tar, type HandmadeEntry } from './handmade-tar.js'
import { CAPTURES, hasCaptures } from '../../support/outside.js'

const ABSENT = { state: 'absent' }
const IO = { state: 'unreadable', reason: 'io' }
const NOT_COLLECTED = { state: 'unreadable', reason: 'not-collected' }
const MALFORMED = { state: 'unreadable', reason: 'malformed' }
const known = <T>(value: T) => ({ state: 'known', value })
const open = (...entries: HandmadeEntry[]) => openBundle(gzipSync(tar(...entries)), 'test.tar.gz')
const manifest = (content: object): HandmadeEntry => ({
  name: 'manifest.json',
  content: JSON.stringify({ schema: 'intremap/bundle', schemaVersion: '1.0.0', unreadable: {}, ...content }),
})

describe('where the root is', () => {
  test('below sysroot/, with other files beside it', async () => {
    const bundle = await open(
      { name: './oracle.json', content: '{}' },
      { name: './deep/file', content: 'x' },
      { name: './sysroot/', type: '5' },
      { name: './sysroot/sys/x', content: '1\n' },
    )
    expect(bundle.sysroot.origin).toEqual({ kind: 'bundle', name: 'test.tar.gz' })
    expect(bundle.sysroot.list('')).toEqual(known(['sys']))
    expect(bundle.sysroot.text('sys/x')).toEqual(known('1\n'))
    expect(bundle.sysroot.text('oracle.json')).toEqual(ABSENT)
    expect([...bundle.extras.keys()]).toEqual(['oracle.json'])
    expect(bundle.notes).toEqual([])
  })
  test('at the top', async () => {
    const bundle = await open({ name: 'sys/x', content: '1\n' }, { name: 'proc/cmdline', content: 'quiet\n' })
    expect(bundle.sysroot.list('')).toEqual(known(['proc', 'sys']))
    expect(bundle.extras.size).toBe(0)
  })
  test('nowhere is noted', async () => {
    expect((await open({ name: 'photos/cat', content: '' })).notes).toEqual([
      'the archive has no sys directory, neither at its top nor below sysroot/',
    ])
  })
  test('an emulated machine says so', async () => {
    const bytes = gzipSync(tar({ name: 'sys/x', content: '' }))
    expect((await openBundle(bytes, 'its', 'emulated')).sysroot.origin).toEqual({ kind: 'emulated', name: 'its' })
  })
  test('a tar that is not compressed is taken too', async () => {
    const { sysroot } = await openBundle(tar({ name: 'sys/x', content: '1\n' }), 'test.tar')
    expect(sysroot.text('sys/x')).toEqual(known('1\n'))
  })
})

describe('the manifest', () => {
  test('makes names, contents and listings unreadable', async () => {
    const { sysroot, notes } = await open(
      manifest({
        unreadable: {
          'sys/firmware/acpi/tables/IORT': 'permission',
          'sys/x': 'too-large',
          'sys/d': 'io',
          'sys/gone': 'not-collected',
          'sys/new': 'new-word',
        },
      }),
      { name: 'sysroot/sys/x' },
      { name: 'sysroot/sys/d/inside', content: '1\n' },
    )
    expect(notes).toEqual([])
    expect(sysroot.bytes('sys/firmware/acpi/tables/IORT')).toEqual({ state: 'unreadable', reason: 'permission' })
    expect(sysroot.text('sys/x')).toEqual({ state: 'unreadable', reason: 'too-large' })
    expect(sysroot.list('sys/d')).toEqual(IO)
    expect(sysroot.text('sys/d/inside')).toEqual(known('1\n'))
    expect(sysroot.text('sys/gone')).toEqual(NOT_COLLECTED)
    expect(sysroot.text('sys/new')).toEqual(IO)
    expect(sysroot.text('sys/other')).toEqual(ABSENT)
  })
  test('of a recording: only what it says is absent is absent', async () => {
    const { sysroot } = await open(
      manifest({ absent: ['proc/config.gz', 'sys/kernel/debug'], listings: { 'sys/d': ['a', 'b'], '': ['sys'] } }),
      { name: 'sysroot/sys/d/a', content: '1\n' },
    )
    expect(sysroot.text('proc/config.gz')).toEqual(ABSENT)
    expect(sysroot.list('sys/kernel/debug/irq')).toEqual(ABSENT)
    expect(sysroot.list('sys/d')).toEqual(known(['a', 'b']))
    expect(sysroot.list('')).toEqual(known(['sys']))
    expect(sysroot.text('sys/d/b')).toEqual(NOT_COLLECTED)
    expect(sysroot.text('proc/cmdline')).toEqual(NOT_COLLECTED)
    expect(sysroot.list('sys')).toEqual(NOT_COLLECTED)
  })
  test('takes no file of the archive away unnoticed', async () => {
    const { sysroot, notes } = await open(
      manifest({ absent: ['sys/x', 'sys/d'], listings: { 'sys/e': [], 'sys/y': ['z'], 'sys/f': ['..', 'a/b', 'g'] } }),
      { name: 'sysroot/sys/x', content: '1\n' },
      { name: 'sysroot/sys/y', content: '2\n' },
      { name: 'sysroot/sys/d/a', content: '3\n' },
      { name: 'sysroot/sys/e/a', content: '4\n' },
      { name: 'sysroot/sys/f/g', content: '5\n' },
    )
    expect(sysroot.text('sys/x')).toEqual(MALFORMED)
    expect(sysroot.text('sys/d/a')).toEqual(MALFORMED)
    expect(sysroot.list('sys/e')).toEqual(MALFORMED)
    expect(sysroot.text('sys/e/a')).toEqual(known('4\n'))
    expect(sysroot.text('sys/y')).toEqual(known('2\n'))
    expect(sysroot.list('sys/f')).toEqual(MALFORMED)
    expect(notes).toHaveLength(5)
  })
  test('names no path outside, and nothing through one', async () => {
    const { sysroot, notes } = await open(
      manifest({
        unreadable: { '../x': 'io', '/etc/passwd': 'io', 'sys/../y': 'io', 'sys//z': 'io', 'sys/\u0000': 'io' },
      }),
      { name: 'sysroot/sys/x', content: '1\n' },
    )
    expect(sysroot.list('')).toEqual(known(['sys']))
    expect(sysroot.list('sys')).toEqual(known(['x']))
    expect(notes).toHaveLength(5)
    expect(notes.join('')).not.toMatch(/[\0-\x1f]/)
  })
  test.each([
    ['not JSON', 'oops', /manifest.json is not JSON/],
    ['another schema', '{"schema":"x"}', /has not the schema intremap\/bundle/],
    ['a later format', '{"schema":"intremap/bundle","schemaVersion":"2.0.0"}', /unknown schemaVersion/],
    ['a list for a table', '{"schema":"intremap/bundle","schemaVersion":"1.0.0","unreadable":[]}', /no table/],
    [
      'numbers for names',
      '{"schema":"intremap/bundle","schemaVersion":"1.0.0","absent":[1]}',
      /no list of absent names/,
    ],
    [
      'a listing of numbers',
      '{"schema":"intremap/bundle","schemaVersion":"1.0.0","listings":{"a":[1]}}',
      /no list of names for a/,
    ],
  ])('that is %s ends the matter: it may say what is missing', async (_, content, message) => {
    const bundle = open({ name: 'manifest.json', content }, { name: 'sysroot/sys/x', content: '' })
    await expect(bundle).rejects.toThrow(message)
    await expect(bundle).rejects.toBeInstanceOf(BundleError)
  })
})

describe('the file on disk', () => {
  const directory = mkdtempSync(join(tmpdir(), 'intremap-bundle-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  test('is read whole', () => {
    writeFileSync(join(directory, 'a.tar'), 'abc')
    expect(Buffer.from(readBundleFile(join(directory, 'a.tar'))).toString()).toBe('abc')
  })
  test('that is missing, a directory or a device is an error in one line', () => {
    expect(() => readBundleFile(join(directory, 'missing'))).toThrow(/no such file/)
    expect(() => readBundleFile(directory)).toThrow(/not a file/)
    expect(() => readBundleFile('/dev/zero')).toThrow(/not a file/)
    expect(() => readBundleFile('/nul\0l')).toThrow(BundleError)
  })
})

/** With the bytes as hex: equal bytes are equal, whichever buffer holds them. */
function plain(read: Read<Uint8Array>): unknown {
  return read.state === 'known' ? Buffer.from(read.value).toString('hex') : read
}

const captures = hasCaptures ? readdirSync(CAPTURES).filter((name) => name.endsWith('.tar.gz')) : []
const sample = captures.filter((_, index) => index % 8 === 0)

test.runIf(sample.length > 0).each(sample)(
  'capture %s answers as its unpacked tree (needs ../shared/captures)',
  async (name) => {
    const directory = mkdtempSync(join(tmpdir(), 'intremap-capture-'))
    try {
      execFileSync('tar', ['-xzf', join(CAPTURES, name), '-C', directory])
      const paths = execFileSync('find', ['.', '-printf', '%P\\n'], {
        cwd: join(directory, 'sysroot'),
        encoding: 'utf8',
      })
        .trimEnd()
        .split('\n')
      const { sysroot, notes } = await openBundle(readBundleFile(join(CAPTURES, name)), name)
      const unpacked = openDirectorySysroot(join(directory, 'sysroot'), { kind: 'sysroot', name })
      expect(notes).toEqual([])
      const different = paths.filter(
        (path) =>
          !isDeepStrictEqual(plain(sysroot.bytes(path)), plain(unpacked.bytes(path))) ||
          !isDeepStrictEqual(sysroot.list(path), unpacked.list(path)) ||
          !isDeepStrictEqual(sysroot.link(path), unpacked.link(path)),
      )
      expect(different).toEqual([])
      expect(paths.length).toBeGreaterThan(300)
    } finally {
      rmSync(directory, { recursive: true })
    }
  },
)

describe('an archive of many functions', () => {
  const files = (directory: string, count: number): HandmadeEntry[] =>
    Array.from({ length: count }, (_, index) => ({ name: `sysroot/${directory}/${index === 0 ? 'config' : index}` }))
  const opened = (entries: readonly HandmadeEntry[], limits: Partial<Record<Work, number>>) =>
    openBundle(tar(...entries), 'many.tar', 'bundle', new Budget({ ...LIMITS, ...limits }))
  const functions = Array.from({ length: 30 }, (_, index) =>
    files(`sys/devices/0000:00:${(index % 10) + 10}.${Math.floor(index / 10)}`, 20),
  )

  test('may have more names for each of them, and no more for anything else', async () => {
    const { sysroot } = await opened(functions.flat(), { entries: 50 })
    expect(sysroot.list('sys/devices/0000:00:10.0')).toMatchObject({ state: 'known', value: { length: 20 } })
    const others = functions.flat().map((_, index) => ({ name: `sysroot/sys/devices/0000:00:10.0/${index}` }))
    await expect(opened(others, { entries: 50 })).rejects.toThrow('more than 50 entries')
  })

  test('has no more functions than may be, whatever it tells', async () => {
    await expect(opened(functions.flat(), { entries: 50, functions: 10 })).rejects.toThrow('more than 290 entries')
  })
})
