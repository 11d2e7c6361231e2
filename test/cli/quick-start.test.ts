import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { QUICK as QUICK_COMMANDS } from '../../src/main.js'
import { SELDOM } from '../../src/start-seldom.js'
import { copyOfProgram, intremap, PACKAGE_ROOT, smallMachine, writeTree } from './run-intremap.js'

const QUICK = join(PACKAGE_ROOT, 'dist/quick')
const machine = writeTree(smallMachine())
const LINES: readonly (readonly string[])[] = [
  ['probe', '--json', '--sysroot', machine],
  ['probe', '--all', '--sysroot', machine],
  ['check', '00:01.0', '--sysroot', machine],
  ['check', '00:02.0', '--json', '--sysroot', machine],
  ['explain', '00:01.0', '--sysroot', machine],
  ['lint', '--sysroot', machine],
  ['probe', '--sysroot', '/nonexistent'],
  ['probe', '--no-such-flag'],
  ['check'],
]

describe('the quick commands out of the code cache', () => {
  // A copy has none, and starts the modules of the whole program.
  const whole = copyOfProgram()

  test.each(LINES.map((line) => [line.join(' '), line] as const))(
    '%s says what the whole program says',
    async (_, line) => {
      expect(await intremap(line)).toEqual(await intremap(line, { root: whole }))
    },
  )

  test.each(['bin/run.js', 'scripts/executable-loader.cjs'])(
    'are named in %s, each in the script that has it',
    (file) => {
      const text = readFileSync(join(PACKAGE_ROOT, file), 'utf8')
      const [, table = ''] = /const QUICK = \{\n([^}]*)\}/.exec(text) ?? []
      const named = [...table.matchAll(/(\w+: '\w+')/g)].map(([entry]) => entry)
      const often = Object.keys(QUICK_COMMANDS).filter((name) => !(name in SELDOM))
      const scripts = [
        ...often.map((name) => `${name}: 'often'`),
        ...Object.keys(SELDOM).map((name) => `${name}: 'seldom'`),
      ]
      expect(new Set(named)).toEqual(new Set(scripts))
    },
  )

  test('are compiled for the Node.js that built them', () => {
    expect(existsSync(join(QUICK, `often-${process.version}-${process.arch}.cache`))).toBe(true)
  })

  test.skipIf(!existsSync('/usr/bin/script'))('know a terminal where there is one', () => {
    const run = `'${process.execPath}' bin/run.js probe --sysroot '${machine}'`
    const env = { PATH: process.env['PATH'] ?? '', TERM: 'xterm' }
    const { stdout } = spawnSync('/usr/bin/script', ['-qec', run, '/dev/null'], { cwd: PACKAGE_ROOT, env, input: '' })
    expect(stdout.toString()).toContain('\u001b[')
  })
})
