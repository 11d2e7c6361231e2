import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { forbiddenCalls } from '../support/system-calls.js'
import { copyOfProgram, smallMachine, writeTree } from './run-intremap.js'
import { temporaryDirectory } from '../support/temporary-directories.js'

const isRoot = process.getuid?.() === 0
/** A number that no account has. */
const NOBODY_AT_ALL = 54_321
const LINES: readonly (readonly [string, readonly number[]])[] = [
  ['probe --json', [0, 1, 3]],
  ['check 00:01.0', [0, 1, 3, 66]],
  ['explain 00:01.0', [0, 1, 3, 66]],
  ['lint', [0, 1, 3]],
  ['rules', [0]],
  ['--help', [0]],
]

/** Runs what follows in a mount namespace of its own whose file system is read-only, as nobody at all, without environment. */
const READ_ONLY = [
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  'mount -o remount,bind,ro / && exec setpriv --reuid "$0" --regid "$0" --clear-groups env -i "$@"',
  String(NOBODY_AT_ALL),
]
const canBeReadOnly = isRoot && spawnSync('unshare', [...READ_ONLY, 'true']).status === 0

describe.skipIf(!canBeReadOnly)(
  `a read-only file system${canBeReadOnly ? '' : ' (not run: needs root and a mount namespace)'}`,
  () => {
    const root = copyOfProgram()
    execFileSync('chmod', ['-R', 'a+rX', root])

    test.each(LINES)('%s: no account, no environment, nothing can be written', (line, codes) => {
      const program = [process.execPath, join(root, 'bin/run.js'), ...line.split(' ')]
      const { status, stderr } = spawnSync('unshare', [...READ_ONLY, ...program], { encoding: 'utf8' })
      expect(codes, stderr).toContain(status)
    })
  },
)

describe.skipIf(!isRoot)(`a user without an account${isRoot ? '' : ' (not run: needs root)'}`, () => {
  const root = copyOfProgram()
  execFileSync('chmod', ['-R', 'a+rX', root])
  const empty = temporaryDirectory()
  chmodSync(empty, 0o555)

  test.each(LINES)('%s: no home, no shell, nowhere to write', (line, codes) => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin/run.js'), ...line.split(' ')], {
      cwd: empty,
      env: {},
      uid: NOBODY_AT_ALL,
      gid: NOBODY_AT_ALL,
      encoding: 'utf8',
    })
    expect(codes, stderr).toContain(status)
  })
})

test('a Node.js that is too old is told which one is needed', () => {
  const pretend = join(temporaryDirectory(), 'old.cjs')
  writeFileSync(pretend, "Object.defineProperty(process.versions, 'node', { value: '18.19.0' })\n")
  const run = (...words: readonly string[]) =>
    spawnSync(process.execPath, ['--require', pretend, join(copyOfProgram(), 'bin/run.js'), 'probe', ...words], {
      encoding: 'utf8',
    })
  expect(run()).toMatchObject({ status: 70, stdout: '' })
  expect(run().stderr).toMatch(/^intremap needs Node\.js 20\.20 or newer, and this is 18\.19\.0\.\n.*executable.*\n$/)
  expect(JSON.parse(run('--json').stdout)).toMatchObject({ schema: 'intremap/error', exitCode: 70 })
})

const hasStrace = !spawnSync('strace', ['-V']).error
describe.skipIf(!hasStrace)(
  `what the program asks of the kernel${hasStrace ? '' : ' (not run: strace is not here)'}`,
  () => {
    const machine = writeTree(smallMachine())
    const output = join(temporaryDirectory(), 'out.tar.gz')

    /** Lines of the system calls of one run, those of the interpreter's start-up included. */
    function calls(words: readonly string[]): readonly string[] {
      const trace = join(temporaryDirectory(), 'trace')
      const traced = ['-f', '-qq', '-e', 'signal=none', '-e', 'trace=%file,%network,%process', '-o', trace]
      const program = [process.execPath, join(copyOfProgram(), 'bin/run.js'), ...words]
      const { status, stderr } = spawnSync('strace', [...traced, ...program], {
        cwd: temporaryDirectory(),
        env: { PATH: process.env['PATH'] ?? '', HOME: temporaryDirectory() },
        encoding: 'utf8',
      })
      expect([0, 1, 3, 66], stderr).toContain(status)
      expect(existsSync(trace)).toBe(true)
      return readFileSync(trace, 'utf8').split('\n')
    }

    test.each([
      'probe --json',
      'check 00:01.0',
      'explain 00:01.0',
      'lint',
      `capture -o ${output} --force`,
      `probe --sysroot ${machine}`,
      `lint --sysroot ${machine}`,
    ])('%s: nothing written but the named output, no connection, no other program', (line) => {
      const words = line.split(' ')
      expect(forbiddenCalls(calls(words), output)).toEqual([])
    })
  },
)
