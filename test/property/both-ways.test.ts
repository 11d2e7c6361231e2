import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { constants, Script } from 'node:vm'
import { assert, asyncProperty, constantFrom, oneof, record, type Arbitrary } from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { CommandSpec } from '../../src/cli/command-spec.js'
import { guardProcess, leaveWithError } from '../../src/cli/exit.js'
import { plainWords } from '../../src/cli/plain-words.js'
import { COMMAND_LIST } from '../../src/commands/command-list.js'
import { QUICK, throughOclif } from '../../src/main.js'
import { SELDOM } from '../../src/start-seldom.js'
import { bundleOf, PACKAGE_ROOT, smallMachine, writeTree } from '../cli/run-intremap.js'
import { commandLine, ODD_WORDS } from '../support/command-lines.js'
import {
  withPlayedProcesses,
  type Outcome,
  type Reader,
  type RunProcess,
  type Surroundings,
} from '../support/played-process.js'

/** Drawn for each command. */
const LINES = 450
const COMMANDS = COMMAND_LIST.filter(({ id }) => id in QUICK)

type Start = (words: readonly string[]) => Promise<boolean>

/** What the shipped script of a command starts it with, taken up as `bin/run.js` does. */
function shippedStart({ id }: CommandSpec): Start {
  const filename = join(PACKAGE_ROOT, 'dist/quick', id in SELDOM ? 'seldom.cjs' : 'often.cjs')
  const wrapper: unknown = new Script(readFileSync(filename, 'latin1'), {
    filename,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }).runInThisContext()
  const module: { readonly exports: { readonly start?: unknown } } = { exports: {} }
  if (typeof wrapper === 'function')
    Reflect.apply(wrapper, undefined, [module.exports, createRequire(filename), module, filename])
  const { start } = module.exports
  if (typeof start !== 'function') throw new Error(`the script of ${id} starts nothing`)
  return async (words) => Boolean(await Reflect.apply(start, undefined, [words]))
}

/** The other way, as `bin/run.js` goes it where no script was compiled, with all lines left to oclif. */
async function startByOclif(words: readonly string[]): Promise<never> {
  guardProcess()
  try {
    return await throughOclif(words)
  } catch (error) {
    leaveWithError(error)
  }
}

const MACHINE = smallMachine()
const ARCHIVE = bundleOf(MACHINE)
const LSPCI =
  '00:01.0 Ethernet controller [0200]: Intel Corporation 82574L [8086:10d3]\n\tKernel driver in use: e1000e\n'
const ACCEPTED = { accepts: 'no-iommu', device: '00:01.0', reason: 'known', expires: '2999-01-01' }
const EMPTY_TABLE = Buffer.from(`APIC\u002c\0\0\0\u0001\0OEMID TABLE   ${'\0'.repeat(20)}`, 'latin1')

/** What lies in the directory of the process, beside the tree `machine`. */
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'machine.tar.gz': ARCHIVE,
  'cut.tar.gz': ARCHIVE.subarray(0, 200),
  'lspci.txt': LSPCI,
  'table.dat': EMPTY_TABLE,
  empty: '',
  'noise.txt': 'nothing that anybody knows\n',
  'policy.json': JSON.stringify({
    schema: 'intremap/policy',
    schemaVersion: '1.0.0',
    failOn: ['caveats'],
    criterion: 'isolated',
  }),
  'accepted.json': JSON.stringify({ schema: 'intremap/baseline', schemaVersion: '1.0.0', accepted: [ACCEPTED] }),
}
const NAMES = ['machine', ...Object.keys(FILES), 'no-such-file', 'report.json', '-'] as const
const EMULATED = ['hyper-v-guest', 's390x-zpci', 'no-such-machine'] as const

function flagWord(name: string): Arbitrary<string> {
  switch (name) {
    case 'sysroot':
      return constantFrom('machine', 'machine', 'machine/sys', 'empty', 'no-such-file', 'machine.tar.gz')
    case 'bundle':
      return constantFrom('machine.tar.gz', 'machine.tar.gz', ...NAMES)
    case 'emulated':
      return constantFrom(...EMULATED)
    case 'output':
      return constantFrom('out', 'out', 'empty', 'no-such-directory/out', 'machine', '-')
    case 'policy':
      return constantFrom('strict', 'kernel', 'policy.json', 'accepted.json', 'no-such-file')
    case 'baseline':
      return constantFrom('accepted.json', 'policy.json', 'machine')
    case 'device':
      return constantFrom('00:01.0', '0000:00:01.0', '00:02.0', 'ff170000.mmc')
    case 'group':
      return constantFrom('0', '007', '12')
    default:
      return constantFrom('6.12', '6.1.0-rc1', '3.5', '5.4+deb', '99999.1')
  }
}

function argumentWord({ id }: CommandSpec): Arbitrary<string> {
  const file = constantFrom(...NAMES)
  const target = constantFrom(
    '00:01.0',
    '00:01.0',
    '0000:00:01.0',
    '00:02.0',
    'IR001',
    'IR999',
    'ITS',
    'no-iommu',
    'EPERM',
  )
  return oneof(
    { weight: 4, arbitrary: id === 'check' || id === 'explain' ? target : file },
    { weight: 2, arbitrary: file },
    { weight: 1, arbitrary: constantFrom(...ODD_WORDS) },
  )
}

const INPUTS = [ARCHIVE, Buffer.from(LSPCI), EMPTY_TABLE, Buffer.alloc(0), Buffer.from('nothing\n')] as const

const surroundings: Arbitrary<Surroundings> = record({
  environment: constantFrom<Readonly<Record<string, string>>[]>(
    {},
    { HOME: '/root', SHELL: '/bin/sh', PATH: '/bin', TERM: 'xterm', LANG: 'C' },
    { FORCE_COLOR: '1', COLUMNS: '200' },
    { NO_COLOR: '1', COLUMNS: '10', TERM: 'dumb' },
    { COLUMNS: '-1', FORCE_COLOR: 'false', NODE_ENV: 'development' },
  ),
  input: constantFrom(...INPUTS),
  reader: oneof(
    { weight: 20, arbitrary: constantFrom<Reader>('reads') },
    { weight: 3, arbitrary: constantFrom<Reader>('gone', 'full') },
    { weight: 1, arbitrary: constantFrom<Reader>('slow') },
  ),
})

const NOTHING_AROUND: Surroundings = { environment: {}, input: Buffer.alloc(0), reader: 'reads' }

/** A directory with those files and the tree, in which a process runs. */
class WorkingDirectory {
  readonly path: string
  readonly #files: ReadonlyMap<string, Buffer>

  constructor(files: Readonly<Record<string, string | Uint8Array>>) {
    const tree = Object.entries(MACHINE).map(([path, content]) => [`machine/${path}`, content] as const)
    this.path = writeTree({ ...files, ...Object.fromEntries(tree) })
    this.#files = new Map(Object.entries(files).map(([name, content]) => [name, Buffer.from(content)]))
  }

  /** What is in it that was not, in hexadecimal digits by name, and that is taken back. */
  takeBackChanges(): Readonly<Record<string, string>> {
    const changes: Record<string, string> = {}
    for (const name of readdirSync(this.path)) {
      const [file, before] = [join(this.path, name), this.#files.get(name)]
      if (name === 'machine' || before?.equals(readFileSync(file)) === true) continue
      changes[name] = readFileSync(file, 'hex')
      if (before) writeFileSync(file, before)
      else rmSync(file)
    }
    return changes
  }
}

/** Command lines that would look at this host, which changes meanwhile, are given a machine. */
function withMachine(spec: CommandSpec, words: readonly string[]): readonly string[] {
  const plain = plainWords(spec, words)
  if (!plain) return words
  if (spec.id === 'diff') return plain.args['after'] === undefined ? [...words, 'machine'] : words
  const { evidence, files } = plain.args
  const isTold = [evidence, files].some((list) => Array.isArray(list) && list.length > 0)
  return isTold || ['sysroot', 'bundle', 'emulated'].some((name) => plain.flags[name] !== undefined)
    ? words
    : [...words, '--sysroot', 'machine']
}

interface Left {
  readonly process: Outcome
  readonly files: Readonly<Record<string, string>>
}

/** What both ways leave of one command line; undefined where the quick one leaves the line to oclif, having done nothing. */
async function bothWays(
  run: RunProcess,
  directory: WorkingDirectory,
  { words, around, start }: { readonly words: readonly string[]; readonly around: Surroundings; readonly start: Start },
): Promise<readonly [Left, Left] | undefined> {
  const left = (process: Outcome): Left => ({ process, files: directory.takeBackChanges() })
  const quick = await run(words, around, async () => await start(words))
  if ('returned' in quick) {
    expect([quick, directory.takeBackChanges()]).toEqual([{ returned: false, output: '' }, {}])
    return undefined
  }
  const quickLeft = left(quick)
  const other = await run(words, around, async () => await startByOclif(words))
  if ('returned' in other) throw new Error(`oclif ended ${words.join(' ')} without an exit code`)
  return [quickLeft, left(other)]
}

/** Calls `body` in a directory with the files, at a time that stands still. */
async function inDirectory(body: (run: RunProcess, directory: WorkingDirectory) => Promise<void>): Promise<void> {
  const before = process.cwd()
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2027-01-01T00:00:00Z') })
  try {
    await withPlayedProcesses(async (run) => {
      const words = ['probe', '--sysroot', join(writeTree(MACHINE)), '--json']
      const report = await run(words, NOTHING_AROUND, async () => await startByOclif(words))
      if ('returned' in report) throw new Error('there is no report')
      const directory = new WorkingDirectory({ ...FILES, 'report.json': report.stdout })
      process.chdir(directory.path)
      await body(run, directory)
    })
  } finally {
    process.chdir(before)
    vi.useRealTimers()
  }
}

describe.each(COMMANDS)('both ways to $id', (spec) => {
  const start = shippedStart(spec)

  test(`print the same, write the same and end with the same code: ${LINES} command lines`, async () => {
    let plain = 0
    const codes = new Set<number>()
    const line = commandLine(spec, { flag: flagWord, argument: argumentWord(spec) })
    await inDirectory(async (run, directory) => {
      await assert(
        asyncProperty(line, surroundings, async (rest, around) => {
          const words = [spec.id, ...withMachine(spec, rest)]
          const both = await bothWays(run, directory, { words, around, start })
          if (!both) return
          plain++
          codes.add(both[0].process.exitCode)
          expect(both[0]).toEqual(both[1])
        }),
        { numRuns: LINES },
      )
    })
    // A way that is never gone is like any other.
    expect(plain).toBeGreaterThan(LINES / 4)
    expect(codes.size).toBeGreaterThan(2)
  })
})
