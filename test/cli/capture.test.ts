import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { intremapHere } from './run-here.js'
import { smallMachine, writeTree } from './run-intremap.js'
import { temporaryDirectory } from '../support/temporary-directories.js'

const machine = writeTree({
  ...smallMachine(),
  'proc/cmdline': 'quiet myhost intremap=on\n',
  'etc/hostname': 'myhost\n',
})
const input = ['--sysroot', machine]
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('capture', () => {
  test('writes a bundle whose report is that of the machine', async () => {
    const file = join(temporaryDirectory(), 'machine.tar.gz')
    const capture = await intremapHere(['capture', '-o', file, ...input])
    expect([capture.exitCode, capture.stdout]).toEqual([0, ''])
    expect(capture.stderr).toMatch(/machine\.tar\.gz: \d+ files, \d+ bytes, \d+ of them redacted\n$/)
    const [live, replayed] = await Promise.all([
      intremapHere(['probe', '--json', ...input]),
      intremapHere(['probe', '--json', '--bundle', file]),
    ])
    const withoutSource = (text: string) => text.replace(/"source": \{[^}]*\}/, '')
    expect(withoutSource(replayed.stdout)).toBe(withoutSource(live.stdout))
    expect(replayed.exitCode).toBe(live.exitCode)
  })

  test('writes the same bytes again, to a file and to a pipe, and from its own bundle', async () => {
    const directory = temporaryDirectory()
    const [one, two, three] = ['1', '2', '3'].map((name) => join(directory, name))
    await intremapHere(['capture', '--output', one ?? '', ...input])
    await intremapHere(['capture', '-o', two ?? '', ...input])
    await intremapHere(['capture', '-o', three ?? '', '--bundle', one ?? ''])
    const hashes = [one, two, three].map((path) => digest(path ?? ''))
    expect(new Set(hashes).size).toBe(1)
    const piped = await intremapHere(['capture', '-o', '-', ...input])
    expect([piped.exitCode, piped.stderr, piped.stdout.length > 500]).toEqual([0, '', true])
  })

  test('keeps a file that is there unless it is forced, and leaves nothing else behind', async () => {
    const directory = temporaryDirectory()
    const file = join(directory, 'machine.tar.gz')
    writeFileSync(file, 'mine')
    const refused = await intremapHere(['capture', '-o', file, ...input])
    expect([refused.exitCode, readFileSync(file, 'utf8')]).toEqual([64, 'mine'])
    expect(refused.stderr).toContain('--force')
    const forced = await intremapHere(['capture', '-o', file, '--force', ...input])
    expect([forced.exitCode, readFileSync(file).subarray(0, 2).toString('hex')]).toEqual([0, '1f8b'])
    expect(readdirSync(directory)).toEqual(['machine.tar.gz'])
  })

  test('does not write through a link, nor over a directory, nor where there is none', async () => {
    const directory = temporaryDirectory()
    const victim = join(directory, 'victim')
    writeFileSync(victim, 'mine')
    symlinkSync(victim, join(directory, 'link'))
    mkdirSync(join(directory, 'directory'))
    const run = (name: string, ...more: string[]) =>
      intremapHere(['capture', '-o', join(directory, name), ...more, ...input]).then(({ exitCode }) => exitCode)
    expect(await run('link')).toBe(64)
    expect(await run('link', '--force')).toBe(0)
    expect(readFileSync(victim, 'utf8')).toBe('mine')
    expect(await run('directory', '--force')).toBe(65)
    expect(statSync(join(directory, 'directory')).isDirectory()).toBe(true)
    expect(await run('nowhere/machine.tar.gz')).toBe(66)
    expect(existsSync(join(directory, 'nowhere'))).toBe(false)
  })

  test('--list shows what would be kept and writes nothing', async () => {
    const directory = temporaryDirectory()
    const text = await intremapHere(['capture', '--list', ...input])
    expect(text.exitCode).toBe(0)
    expect(text.stdout).toMatch(/^ +\d+ {2}redacted {2}\/proc\/cmdline$/m)
    expect(text.stdout).toMatch(/^ +\d+ {2}whole {5}\/proc\/sys\/kernel\/osrelease$/m)
    expect(text.stdout).not.toContain('hostname')
    const json: unknown = JSON.parse((await intremapHere(['capture', '--list', '--json', ...input])).stdout)
    expect(json).toMatchObject({ schema: 'intremap/capture-list', source: { kind: 'sysroot' } })
    expect(json).toMatchObject({
      files: expect.arrayContaining([{ path: 'proc/cmdline', bytes: 34, redacted: true }]) as unknown,
    })
    expect(readdirSync(directory)).toEqual([])
  })

  test('refuses to do nothing, and two things on one standard output', async () => {
    expect((await intremapHere(['capture', ...input])).exitCode).toBe(64)
    expect((await intremapHere(['capture', '-o', '-', '--list', ...input])).exitCode).toBe(64)
    expect((await intremapHere(['capture', '-o', '-', '--json', ...input])).exitCode).toBe(64)
    expect((await intremapHere(['capture', '--list', '--bundle', 'a', ...input])).exitCode).toBe(64)
  })

  test('puts no file in the place of a pipe, a device, a stream or a link to them, forced or not', async () => {
    const directory = temporaryDirectory()
    const pipe = join(directory, 'pipe')
    execFileSync('mkfifo', [pipe])
    symlinkSync(pipe, join(directory, 'link'))
    // Where standard output is a file, the link leads to a regular one.
    symlinkSync('/proc/self/exe', join(directory, 'stream'))
    for (const path of [pipe, join(directory, 'link'), join(directory, 'stream'), '/dev/null']) {
      for (const force of [[], ['--force']]) {
        const run = await intremapHere(['capture', '-o', path, ...force, ...input])
        expect([run.exitCode, run.stderr.includes('is no regular file')], path).toEqual([65, true])
      }
    }
    expect(lstatSync(pipe).isFIFO() && lstatSync(join(directory, 'link')).isSymbolicLink()).toBe(true)
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true)
  })
})
