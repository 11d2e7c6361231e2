import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { RedactingSysroot } from '../../../src/capture/redacting-sysroot.js'
import { openSysroot } from '../../../src/inputs/open-machine.js'
import type { WritableEntry, WritableTree } from '../../../src/cli/tree-check.js'
import { TREE_NOTE, writeTree } from '../../../src/cli/write-tree.js'
import { emulateMachine } from '../../../src/emulator/emulate.js'
import { largeMachine } from '../../../src/emulator/large-machine.js'
import type { MachineDescription } from '../../../src/emulator/machine-description.js'
import { parseDescription } from '../../support/descriptions.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildReport } from '../../../src/report/probe/build.js'
import { MemorySysroot, MemoryTree } from '../../../src/sysroot/memory-sysroot.js'
import type { Sysroot } from '../../../src/sysroot/sysroot.js'

const root = mkdtempSync(join(tmpdir(), 'intremap-tree-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let directories = 0
/** A path that nothing is at; its parent holds nothing else. */
function freshPath(): string {
  const parent = join(root, String(directories++))
  mkdirSync(parent)
  return join(parent, 'machine')
}

const DESCRIPTIONS = new URL('../../fixtures/descriptions/', import.meta.url)
const bundled = readdirSync(DESCRIPTIONS)
  .filter((file) => file.endsWith('.json'))
  .sort()

function descriptionOf(json: unknown): MachineDescription {
  const parsed = parseDescription(json)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  return parsed.value
}

const load = (file: string) => descriptionOf(JSON.parse(readFileSync(new URL(file, DESCRIPTIONS), 'utf8')))

/** The report without the name of where it was read. */
function reportOf(sysroot: Sysroot): unknown {
  return { ...buildReport(probeMachine(sysroot)), source: 'the same' }
}

async function expectSameReports(description: MachineDescription): Promise<unknown> {
  const tree = emulateMachine(description)
  const directory = freshPath()
  writeTree(directory, description.name, tree, false)
  const memory = new MemorySysroot({ kind: 'emulated', name: description.name }, new MemoryTree(tree))
  const written = reportOf(await openSysroot({ sysroot: directory }))
  expect(written).toEqual(reportOf(new RedactingSysroot(memory)))
  expect(written).not.toMatchObject({ devices: [] })
  return written
}

/** Entries of a literal: text is a file, `-> target` a link, `/` a directory. Parents come by themselves. */
function treeOf(entries: Readonly<Record<string, string | WritableEntry>>): WritableTree {
  const tree = new Map<string, WritableEntry>()
  for (const [path, value] of Object.entries(entries)) {
    for (let cut = path.indexOf('/', 1); cut > 0; cut = path.indexOf('/', cut + 1)) {
      if (!tree.has(path.slice(0, cut))) tree.set(path.slice(0, cut), { kind: 'directory' })
    }
    if (typeof value !== 'string') tree.set(path, value)
    else if (value === '/') tree.set(path, { kind: 'directory' })
    else if (value.startsWith('-> ')) tree.set(path, { kind: 'symlink', target: value.slice(3) })
    else tree.set(path, { kind: 'file', content: new TextEncoder().encode(value) })
  }
  return tree
}

describe('the written tree of a description', () => {
  test('has all bundled descriptions to show it', () => expect(bundled.length).toBeGreaterThanOrEqual(13))

  test.each(bundled)('gives the report of the machine in memory: %s', async (file) => {
    await expectSameReports(load(file))
  })

  test.each(bundled)('gives it as nobody sees it: %s', async (file) => {
    await expectSameReports({ ...load(file), privilege: 'nobody' })
  })

  test('gives it for a machine of several hundred functions', async () => {
    await expectSameReports(largeMachine(300))
  })

  test('gives it where files fail to be read', async () => {
    const sound = load('ampere-altra-server.json')
    const device = 'sys/bus/pci/devices/000c:01:00.0'
    const faults = [{ unreadable: 'sys/firmware/acpi/tables/IORT' }, { unreadable: `${device}/config` }] as const
    expect(await expectSameReports(descriptionOf({ ...sound, faults }))).not.toEqual(await expectSameReports(sound))
    await expectSameReports(
      descriptionOf({ ...sound, faults: [{ unreadable: 'sys/class/iommu', reason: 'permission' }] }),
    )
    await expectSameReports(descriptionOf({ ...sound, faults: [{ retarget: device, target: 'nowhere' }] }))
  })
})

describe('writing a tree', () => {
  test('writes files, links, directories, and mode 000 for what cannot be read', () => {
    const directory = freshPath()
    const note = writeTree(
      directory,
      'm',
      treeOf({
        'sys/a': 'text\n',
        'sys/link': '-> ../proc/x',
        'sys/empty': '/',
        'sys/denied': { kind: 'file', content: 'permission' },
        'sys/closed': { kind: 'unreadable', reason: 'permission' },
        'sys/failing': { kind: 'file', content: 'io' },
        'proc/x': 'x',
      }),
      false,
    )
    expect(readdirSync(directory).sort()).toEqual([TREE_NOTE, 'proc', 'sys'])
    expect(readdirSync(join(directory, 'sys')).sort()).toEqual(['a', 'closed', 'denied', 'empty', 'failing', 'link'])
    expect(readFileSync(join(directory, 'sys/a'), 'latin1')).toBe('text\n')
    expect(readFileSync(join(directory, 'sys/link'), 'latin1')).toBe('x')
    expect(statSync(join(directory, 'sys/denied')).mode & 0o777).toBe(0)
    expect(statSync(join(directory, 'sys/closed')).mode & 0o777).toBe(0)
    expect(() => readFileSync(join(directory, 'sys/failing'))).toThrow(/ELOOP/)
    expect(note.unreadable).toEqual({ 'sys/denied': 'permission', 'sys/closed': 'permission', 'sys/failing': 'io' })
    expect(JSON.parse(readFileSync(join(directory, TREE_NOTE), 'utf8'))).toEqual(note)
  })

  test('leaves out what lies below a link or a file: no path leads there', () => {
    const directory = freshPath()
    writeTree(
      directory,
      'm',
      treeOf({ 'sys/a': '-> b', 'sys/a/below': 'x', 'sys/b': '/', 'sys/c': 'text', 'sys/c/d/e': 'x' }),
      false,
    )
    expect(readlinkSync(join(directory, 'sys/a'))).toBe('b')
    expect(readdirSync(join(directory, 'sys/b'))).toEqual([])
    expect(readFileSync(join(directory, 'sys/c'), 'latin1')).toBe('text')
  })

  test.each([
    ['/absolute', 'x'],
    ['sys/../../planted', 'x'],
    ['..', '/'],
    ['sys/./a', 'x'],
    ['sys//a', 'x'],
    ['sys/a\0b', 'x'],
    ['sys/link', '-> /etc/passwd'],
    ['sys/link', '-> ../../planted'],
    ['sys/link', '-> a/../../../planted'],
    ['link', '-> ..'],
  ])('refuses %j, %j before anything is written', (path, value) => {
    const directory = freshPath()
    expect(() => writeTree(directory, 'm', treeOf({ 'proc/x': 'x', [path]: value }), false)).toThrow(
      expect.objectContaining({ name: 'InputError', exitCode: 65 }),
    )
    expect(existsSync(directory)).toBe(false)
    expect(readdirSync(join(directory, '..'))).toEqual([])
  })

  test('refuses links that lead out by way of other links, and takes those that stay', () => {
    const steps = { 'sys/a/b/c': '/', up: '-> sys/a/b/c/..' }
    const directory = freshPath()
    writeTree(directory, 'm', treeOf({ ...steps, 'sys/in': '-> ../up/../../../proc', loop: '-> loop/x' }), false)
    expect(readlinkSync(join(directory, 'sys/in'))).toBe('../up/../../../proc')
    const outside = treeOf({ ...steps, 'sys/out': '-> ../up/../../../../planted' })
    expect(() => writeTree(freshPath(), 'm', outside, false)).toThrow(/sys\/out is a link that leads out/)
  })
})

describe('a directory that holds something', () => {
  const small = treeOf({ 'sys/a': '1' })

  test('is refused', () => {
    const directory = freshPath()
    mkdirSync(directory)
    writeFileSync(join(directory, 'mine'), 'x')
    expect(() => writeTree(directory, 'm', small, false)).toThrow(
      expect.objectContaining({ exitCode: 64, message: `${directory} is not empty` }),
    )
    expect(readdirSync(directory)).toEqual(['mine'])
  })

  test('has an earlier tree replaced by force, and nothing else', () => {
    const directory = freshPath()
    writeTree(directory, 'm', treeOf({ 'sys/old': '1', 'etc/old': { kind: 'file', content: 'permission' } }), false)
    writeFileSync(join(directory, 'mine'), 'x')
    writeTree(directory, 'm', small, true)
    expect(readdirSync(directory).sort()).toEqual([TREE_NOTE, 'mine', 'sys'])
    expect(readdirSync(join(directory, 'sys'))).toEqual(['a'])
  })

  test('keeps what no earlier run wrote, force or not', () => {
    const directory = freshPath()
    mkdirSync(join(directory, 'sys'), { recursive: true })
    writeFileSync(join(directory, 'sys/mine'), 'x')
    expect(() => writeTree(directory, 'm', small, true)).toThrow(expect.objectContaining({ exitCode: 64 }))
    expect(readdirSync(join(directory, 'sys'))).toEqual(['mine'])
  })

  test('is never left by a hostile note or a planted link', () => {
    const directory = freshPath()
    const outside = join(directory, '../outside')
    mkdirSync(directory)
    mkdirSync(outside)
    writeFileSync(join(outside, 'mine'), 'x')
    symlinkSync('../outside', join(directory, 'sys'))
    const note = (names: readonly string[]) =>
      writeFileSync(join(directory, TREE_NOTE), JSON.stringify({ schema: 'intremap/tree', names }))
    note(['..', '.', '../outside', 'x/../../outside', ''])
    expect(() => writeTree(directory, 'm', small, true)).toThrow(expect.objectContaining({ exitCode: 64 }))
    expect(readdirSync(outside)).toEqual(['mine'])
    note(['sys'])
    writeTree(directory, 'm', small, true)
    expect(readdirSync(outside)).toEqual(['mine'])
    expect(readdirSync(join(directory, 'sys'))).toEqual(['a'])
  })

  test('is told apart from a file', () => {
    const directory = freshPath()
    writeFileSync(directory, 'x')
    expect(() => writeTree(directory, 'm', small, true)).toThrow(expect.objectContaining({ exitCode: 65 }))
  })
})
