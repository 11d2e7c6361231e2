import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDirectorySysroot } from '../../../src/sysroot/directory-sysroot.js'
import type { MemoryEntry } from '../../../src/sysroot/memory-entry.js'
import { memorySysroot } from '../../../src/sysroot/memory-sysroot.js'
import { compileSysroot } from './compiled-sysroot.js'
import { allAnswers, drawnTree, QUESTIONS } from './drawn-tree.js'

const ABSENT = { state: 'absent' }
const IO = { state: 'unreadable', reason: 'io' }
const MALFORMED = { state: 'unreadable', reason: 'malformed' }
const PERMISSION = { state: 'unreadable', reason: 'permission' }
const known = <T>(value: T) => ({ state: 'known', value })
const isRoot = process.getuid?.() === 0
const hasPython = spawnSync('python3', ['-c', 'import os; os.chroot']).status === 0
const hasFifo = spawnSync('mkfifo', ['--version']).status === 0

let top: string
beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'intremap-directory-'))
  chmodSync(top, 0o755)
})
afterAll(() => rmSync(top, { recursive: true, force: true }))

const open = (directory: string) => openDirectorySysroot(directory, { kind: 'sysroot', name: directory })

function write(root: string, tree: Readonly<Record<string, MemoryEntry>>): void {
  mkdirSync(root, { recursive: true })
  for (const [path, entry] of Object.entries(tree)) {
    const at = join(root, path)
    mkdirSync(entry.kind === 'directory' ? at : dirname(at), { recursive: true })
    if (entry.kind === 'file' && typeof entry.content !== 'string') writeFileSync(at, entry.content)
    if (entry.kind === 'symlink') symlinkSync(entry.target, at)
  }
}

describe('containment', () => {
  let root: string
  beforeAll(() => {
    root = join(top, 'contained')
    write(root, { 'sys/class': { kind: 'directory' }, 'proc/x': { kind: 'file', content: Buffer.from('x\n') } })
    writeFileSync(join(top, 'secret'), 'outside\n')
    symlinkSync('/etc/passwd', join(root, 'sys/absolute'))
    symlinkSync('../../../../../../../../../../etc/passwd', join(root, 'sys/up'))
    symlinkSync('../../secret', join(root, 'sys/beside'))
    symlinkSync(join(top, 'secret'), join(root, 'sys/named'))
    symlinkSync('/', join(root, 'sys/root'))
    symlinkSync('/etc', join(root, 'etc-link'))
    symlinkSync('loop-b', join(root, 'loop-a'))
    symlinkSync('loop-a', join(root, 'loop-b'))
  })
  test.each([
    'sys/absolute',
    'sys/up',
    'sys/beside',
    'sys/named',
    'sys/root/etc/passwd',
    '../secret',
    '../../../../etc/passwd',
    'etc-link/passwd',
    'sys/class/../../../secret',
  ])('%s finds nothing outside', (path) => {
    expect(open(root).text(path)).toEqual(ABSENT)
    expect(open(root).bytes(path)).toEqual(ABSENT)
  })
  test('a link to the root is the root of the captured machine', () => {
    expect(open(root).list('sys/root')).toEqual(known(['etc-link', 'loop-a', 'loop-b', 'proc', 'sys']))
    expect(open(root).list('sys/root/../..')).toEqual(open(root).list(''))
    expect(open(root).text('sys/root/proc/x')).toEqual(known('x\n'))
  })
  test('loops end', () => {
    expect(open(root).text('loop-a')).toEqual(IO)
    expect(open(root).list('loop-a/x')).toEqual(IO)
    expect(open(root).link('loop-a')).toEqual(known('loop-b'))
  })
  test('a path with NUL is no path', () => expect(open(root).text('proc/x\0')).toEqual(ABSENT))
  test('the directory itself may be named through a link, with a final slash, or not exist', () => {
    symlinkSync(root, join(top, 'alias'))
    expect(open(join(top, 'alias')).text('proc/x')).toEqual(known('x\n'))
    expect(open(`${root}/`).text('proc/x')).toEqual(known('x\n'))
    expect(open(join(top, 'missing')).list('')).toEqual(ABSENT)
    expect(open(join(top, 'secret')).text('x')).toEqual(ABSENT)
  })
})

describe('only regular files are read', () => {
  let root: string
  beforeAll(() => {
    root = join(top, 'kinds')
    write(root, { 'd/file': { kind: 'file', content: Buffer.from('1\n') } })
    linkSync(join(root, 'd/file'), join(root, 'hard'))
  })
  test('what is asked for is not what is there', () => {
    expect(open(root).bytes('d')).toEqual(MALFORMED)
    expect(open(root).list('d/file')).toEqual(MALFORMED)
    expect(open(root).link('d/file')).toEqual(MALFORMED)
    expect(open(root).text('d/file/x')).toEqual(ABSENT)
    expect(open(root).text('hard')).toEqual(known('1\n'))
  })
  test.runIf(hasFifo)('a FIFO neither blocks nor is read (needs mkfifo)', () => {
    execFileSync('mkfifo', [join(root, 'fifo')])
    expect(open(root).text('fifo')).toEqual(MALFORMED)
    expect(open(root).list('')).toEqual(known(['d', 'fifo', 'hard']))
    rmSync(join(root, 'fifo'))
  })
  test('a socket is not read', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve))
    expect(open(root).text('socket')).toEqual(MALFORMED)
    await new Promise((resolve) => server.close(resolve))
  })
  test('a device node is not read', () => {
    const host = open('/')
    // Container runtimes bind it over what they mask (OCI runtime specification, linux.maskedPaths).
    expect(host.bytes('dev/null')).toEqual({ state: 'unreadable', reason: 'not-collected' })
    expect(host.bytes('dev/zero')).toEqual(MALFORMED)
  })
  test('a write-only file is for nobody to read, root neither', () => {
    writeFileSync(join(root, 'unbind'), 'content')
    chmodSync(join(root, 'unbind'), 0o200)
    expect(open(root).text('unbind')).toEqual(PERMISSION)
    rmSync(join(root, 'unbind'))
  })
  test('16 MiB are read, one byte more is too large', () => {
    writeFileSync(join(root, 'large'), '')
    truncateSync(join(root, 'large'), 16 * 1024 * 1024)
    const read = open(root).bytes('large')
    expect(read.state === 'known' && read.value.length).toBe(16 * 1024 * 1024)
    truncateSync(join(root, 'large'), 16 * 1024 * 1024 + 1)
    expect(open(root).bytes('large')).toEqual({ state: 'unreadable', reason: 'too-large' })
    truncateSync(join(root, 'large'), 2 ** 40)
    expect(open(root).bytes('large')).toEqual({ state: 'unreadable', reason: 'too-large' })
    rmSync(join(root, 'large'))
  })
  test('files around the size of the read buffer come whole', () => {
    for (const size of [0, 1, 65_535, 65_536, 65_537, 200_000]) {
      const content = Buffer.from(Array.from({ length: size }, (_, at) => at % 251))
      writeFileSync(join(root, 'sized'), content)
      const read = open(root).bytes('sized')
      expect(read.state === 'known' && content.equals(read.value)).toBe(true)
    }
    rmSync(join(root, 'sized'))
  })
  test('answers are their own: the next read does not write into them', () => {
    writeFileSync(join(root, 'one'), 'one')
    writeFileSync(join(root, 'two'), 'two')
    const sysroot = open(root)
    const one = sysroot.bytes('one')
    sysroot.bytes('two')
    expect(one).toEqual(known(new TextEncoder().encode('one')))
  })
})

describe('as another user than root (needs to be started as root or as that user)', () => {
  test('what is not permitted is unreadable, not absent', () => {
    const root = join(top, 'permissions')
    write(root, {
      'sys/closed/inside': { kind: 'file', content: Buffer.from('x') },
      'sys/unlisted/inside': { kind: 'file', content: Buffer.from('x') },
      'sys/config': { kind: 'file', content: Buffer.from('x') },
      'sys/open': { kind: 'file', content: Buffer.from('x') },
    })
    chmodSync(join(root, 'sys/closed'), 0o600)
    chmodSync(join(root, 'sys/unlisted'), 0o711)
    chmodSync(join(root, 'sys/config'), 0o600)
    const compiled = mkdtempSync(join(top, 'compiled-'))
    chmodSync(compiled, 0o755)
    const module = join(compileSysroot(compiled), 'directory-sysroot.mjs')
    const script = `import { openDirectorySysroot } from ${JSON.stringify(module)}
      const s = openDirectorySysroot(${JSON.stringify(root)}, { kind: 'sysroot', name: 'x' })
      const reads = [s.text('sys/config'), s.list('sys/closed'), s.text('sys/closed/inside'), s.text('sys/closed/none'),
        s.link('sys/closed/inside'), s.list('sys/unlisted'), s.text('sys/unlisted/inside'), s.text('sys/unlisted/none'), s.text('sys/open')]
      process.stdout.write(JSON.stringify(reads))`
    const user = isRoot ? { uid: 65_534, gid: 65_534 } : {}
    if (!isRoot) {
      chmodSync(join(root, 'sys/closed'), 0)
      chmodSync(join(root, 'sys/unlisted'), 0o111)
      chmodSync(join(root, 'sys/config'), 0o044)
    }
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      ...user,
      cwd: '/',
      encoding: 'utf8',
    })
    chmodSync(join(root, 'sys/closed'), 0o700)
    chmodSync(join(root, 'sys/unlisted'), 0o700)
    expect(JSON.parse(output)).toEqual([
      PERMISSION,
      PERMISSION,
      PERMISSION,
      PERMISSION,
      PERMISSION,
      PERMISSION,
      known('x'),
      ABSENT,
      known('x'),
    ])
  })
})

// The kernel is the judge: a process that changed its root asks the same questions.
const CHROOT_READER = `
import json, os, sys
for root in sys.argv[2:]:
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        continue
    out = open(root + '.answers', 'w')
    os.chroot(root); os.chdir('/')
    def ask(call):
        try: return call()
        except OSError as e: return e.strerror
    def read(path):
        with open(path) as f: return [f.read()]
    def names(path):
        return [sorted(os.listdir(path))]
    json.dump([[ask(lambda: read('/' + q)), ask(lambda: names('/' + q)), ask(lambda: [os.readlink('/' + q)])] for q in json.loads(sys.argv[1])], out)
    out.close()
    os._exit(0)
`
type KernelAnswer = readonly [unknown] | string

type KernelAnswers = readonly [text: KernelAnswer, list: KernelAnswer, link: KernelAnswer]

function kernelAnswers(file: string): readonly KernelAnswers[] {
  const answers: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const isAnswers = (value: unknown): value is KernelAnswers => Array.isArray(value) && value.length === 3
  return Array.isArray(answers) && answers.every(isAnswers) ? answers : []
}

/** The kernel's answer in our words. ENOTDIR is a file on the way, or a file that was to be listed. */
function inOurWords(answer: KernelAnswer, isFile: boolean): unknown {
  if (typeof answer !== 'string') return known(answer[0])
  switch (answer) {
    case 'No such file or directory':
      return ABSENT
    case 'Not a directory':
      return isFile ? MALFORMED : ABSENT
    case 'Is a directory':
    case 'Invalid argument':
      return MALFORMED
    case 'Too many levels of symbolic links':
      return IO
    default:
      return answer
  }
}

test.runIf(isRoot && hasPython)('300 drawn trees: as the kernel resolves under chroot (needs root and python3)', () => {
  const trees = fc.sample(drawnTree, { numRuns: 300, seed: 7 })
  const roots = trees.map((tree, index) => {
    const root = join(top, `tree-${index}`)
    write(root, tree)
    return root
  })
  execFileSync('python3', ['-c', CHROOT_READER, JSON.stringify(QUESTIONS), ...roots])
  const seen = new Set<unknown>()
  for (const [index, root] of roots.entries()) {
    const kernel = kernelAnswers(`${root}.answers`)
    const expected = kernel.map(([text, list, link]) => {
      const isFile = typeof text !== 'string'
      return [inOurWords(text, false), inOurWords(list, isFile), inOurWords(link, false)]
    })
    const directory = open(root)
    expect(QUESTIONS.map((path) => [directory.text(path), directory.list(path), directory.link(path)])).toEqual(
      expected,
    )
    const memory = memorySysroot({ kind: 'emulated', name: 'x' }, trees[index] ?? {})
    expect(allAnswers(memory)).toEqual(allAnswers(directory))
    for (const answer of kernel.flat()) seen.add(typeof answer === 'string' ? answer : 'known')
  }
  expect(seen).toEqual(
    new Set([
      'Invalid argument',
      'Is a directory',
      'No such file or directory',
      'Not a directory',
      'Too many levels of symbolic links',
      'known',
    ]),
  )
})
