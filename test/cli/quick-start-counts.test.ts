import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../support/temporary-directories.js'
import { copyOfProgram, intremap, PACKAGE_ROOT, smallMachine, writeTree } from './run-intremap.js'

// What a start costs is counted here, and timed nowhere: times differ from hour to hour.

const QUICK = join(PACKAGE_ROOT, 'dist/quick')
const machine = writeTree(smallMachine())

/** Command lines and the script that each is in. */
const LINES: readonly (readonly [string, string, ...(readonly string[])])[] = [
  ['often', 'probe', '--json', '--sysroot', machine],
  ['often', 'check', '00:01.0', '--sysroot', machine],
  ['often', 'lint', '--sysroot', machine],
  ['seldom', 'explain', '00:01.0', '--sysroot', machine],
  ['seldom', 'decode', join(machine, 'nothing')],
]

/**
 * Modules of Node.js that a quick start may load beside those of every start: vm takes up what was compiled, v8 sets flags
 * and brings streams along, sea tells whether this is the executable, util has parseArgs.
 */
const ALLOWED = ['vm', 'v8', 'internal/heap_utils', 'internal/promise_hooks', 'sea', 'string_decoder']
const ALLOWED_ROOMS = /^(?:stream|internal\/(?:abort_controller|stream_base_commons|streams|util\/parse_args))(?:\/|$)/

const PRELOAD = `
const before = new Set(process.moduleLoadList)
process.on('exit', () => {
  const loaded = process.moduleLoadList.filter((name) => name.startsWith('NativeModule ') && !before.has(name))
  require('fs').writeFileSync(process.env.LOADED, loaded.map((name) => name.slice('NativeModule '.length)).join('\\n'))
})`

/** Modules of Node.js that a run loads beside those of every start and those that are allowed. */
async function needlessModules(line: readonly string[], root = PACKAGE_ROOT): Promise<readonly string[]> {
  const directory = temporaryDirectory()
  const [preload, loaded] = [join(directory, 'preload.cjs'), join(directory, 'loaded')]
  writeFileSync(preload, PRELOAD)
  await intremap(line, { env: { NODE_OPTIONS: `--require=${preload}`, LOADED: loaded }, root })
  const modules = readFileSync(loaded, 'utf8').split('\n')
  expect(modules).toContain('internal/util/parse_args/parse_args')
  return modules.filter((name) => !ALLOWED.includes(name) && !ALLOWED_ROOMS.test(name))
}

/** Files of the package that a run opens. */
function openedFiles(line: readonly string[]): readonly string[] {
  const trace = join(temporaryDirectory(), 'trace')
  const words = [
    '-f',
    '-e',
    'trace=open,openat',
    '-o',
    trace,
    process.execPath,
    join(PACKAGE_ROOT, 'bin/run.js'),
    ...line,
  ]
  spawnSync('strace', words, { env: { PATH: process.env['PATH'] ?? '' }, stdio: 'ignore' })
  const opened = [...readFileSync(trace, 'utf8').matchAll(/"([^"]+)", [^)]*\) = \d/g)].map((match) => match[1] ?? '')
  return opened
    .filter((path) => path.startsWith(PACKAGE_ROOT))
    .map((path) => path.slice(PACKAGE_ROOT.length).replace('bin/../', ''))
}

describe('a quick start', () => {
  test.each(LINES)('out of %s: %s loads no module that it need not', async (_, ...line) => {
    expect(await needlessModules(line)).toEqual([])
  })

  test('loads less than the modules of the whole program do', async () => {
    expect(await needlessModules(['check', '00:01.0', '--sysroot', machine], copyOfProgram())).toContain('tty')
  })

  test.skipIf(spawnSync('strace', ['-V']).error !== undefined).each(LINES)(
    'out of %s: %s opens the script, what was compiled of it and nothing more',
    (script, ...line) => {
      const compiled = `dist/quick/${script}-${process.version}-${process.arch}.cache`
      const expected = ['bin/package.json', 'bin/run.js', `dist/quick/${script}.cjs`, compiled]
      expect(openedFiles(line).toSorted()).toEqual(expected.toSorted())
    },
  )

  test('finds a package compiled with the flags that it has set by then', () => {
    const flagsIn = (file: string, list: RegExp) =>
      list.exec(readFileSync(join(PACKAGE_ROOT, file), 'utf8'))?.[1]?.match(/--[^\s']+/g)
    const flags = flagsIn('bin/run.js', /V8_FLAGS =([^;]*?)\n\n/)
    expect(flags).toHaveLength(4)
    expect(flagsIn('scripts/bundle.mjs', /FLAGS_20 = \[([^\]]*)\]/)).toEqual(flags)
  })

  test('takes up few bytes', () => {
    const sizes = readdirSync(QUICK).map((name) => [name, statSync(join(QUICK, name)).size] as const)
    const atMost = (pattern: RegExp) =>
      Math.max(0, ...sizes.flatMap(([name, size]) => (pattern.test(name) ? [size] : [])))
    expect(sizes).toHaveLength(6)
    expect(atMost(/^often\.cjs$/)).toBeLessThan(1_150_000)
    expect(atMost(/^often-.*\.cache$/)).toBeLessThan(1_700_000)
    expect(atMost(/^seldom/)).toBeLessThan(1_950_000)
    expect(atMost(/^execa/)).toBeLessThan(220_000)
  })
})
