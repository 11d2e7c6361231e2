import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { copyOfProgram, intremap, smallMachine, writeTree } from './run-intremap.js'

const machine = writeTree(smallMachine())

/** Puts a statement at the start of a function of the copied program, or of a module where no function is named. */
function plant(root: string, file: string, declaration: RegExp | undefined, statement: string): void {
  const path = join(root, 'dist', file)
  const text = readFileSync(path, 'utf8')
  const planted = declaration
    ? text.replace(declaration, (found) => `${found}\n${statement}\n`)
    : `${text}\n${statement}\n`
  expect(planted, `${file} has no ${String(declaration)}`).not.toBe(text)
  writeFileSync(path, planted)
}

const THROW = "throw new Error('planted')"
const places: readonly (readonly [string, string, RegExp | undefined, string])[] = [
  ['a probe', 'probes/machine.js', /export function probeMachine\([^)]*\) \{/, THROW],
  ['a probe of one file', 'probes/pci.js', /export function probePciFunctions\([^)]*\) \{/, THROW],
  ['a rule', 'rules/evaluate.js', /export function evaluate\([^)]*\) \{/, THROW],
  ["a rule's check", 'rules/machine/ir003-running-as-guest.js', /check\([^)]*\) \{|check\w*\([^)]*\) \{/, THROW],
  ['a renderer', 'render/human-probe.js', /export function renderHumanProbe\([^)]*\) \{/, THROW],
  ['a module while it loads', 'report/build.js', undefined, THROW],
  ['a command', 'commands/probe.js', /async run\(\) \{/, THROW],
  ['something that is no error', 'commands/probe.js', /async run\(\) \{/, 'throw null'],
  [
    'a timer',
    'commands/probe.js',
    /async run\(\) \{/,
    `setTimeout(() => { ${THROW} }); await new Promise((r) => setTimeout(r, 2000))`,
  ],
  [
    'a promise nobody waits for',
    'commands/probe.js',
    /async run\(\) \{/,
    "void Promise.reject(new Error('planted')); await new Promise((r) => setTimeout(r, 2000))",
  ],
  ['a promise that never settles', 'commands/probe.js', /async run\(\) \{/, 'await new Promise(() => {})'],
  ['a command that forgets its exit code', 'commands/probe.js', /async run\(\) \{/, 'return undefined'],
  ['endless recursion', 'commands/probe.js', /async run\(\) \{/, 'const f = () => f() + 1; f()'],
  [
    'an error with the exit code of a verdict',
    'commands/probe.js',
    /async run\(\) \{/,
    "throw Object.assign(new Error('x'), { exitCode: 0, code: 0, oclif: { exit: 0 } })",
  ],
  ['the exit function itself', 'cli/exit.js', undefined, THROW],
  ['the escaping of text', 'render/escape.js', undefined, THROW],
]

describe.each(places)('trouble in %s', (_, file, declaration, statement) => {
  const root = copyOfProgram()
  plant(root, file, declaration, statement)

  test('is 70, with one line and a hint', async () => {
    const run = await intremap(['probe', '--sysroot', machine], { root })
    expect(run.exitCode).toBe(70)
    expect(run.stdout).toBe('')
    expect(run.stderr).toMatch(/^intremap[: ].+\n.+\n$/)
  })

  // A renderer for people is not asked under --json.
  test.skipIf(file === 'render/human-probe.js')('is the error object under --json', async () => {
    const run = await intremap(['probe', '--sysroot', machine, '--json'], { root })
    expect(run).toMatchObject({ exitCode: 70, stderr: '' })
    expect(JSON.parse(run.stdout)).toMatchObject({
      schema: 'intremap/error',
      error: { code: 'internal' },
      exitCode: 70,
    })
  })
})

test('a throw in the renderer of JSON is 70', async () => {
  const root = copyOfProgram()
  plant(root, 'render/registry.js', /json: \(report\) => /, '[].at(0).planted ?? ')
  const run = await intremap(['probe', '--sysroot', machine, '--json'], { root })
  expect(run.exitCode).toBe(70)
  expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: 'internal' }, exitCode: 70 })
})

test('the stack is shown only when asked for', async () => {
  const root = copyOfProgram()
  plant(root, 'commands/probe.js', /async run\(\) \{/, THROW)
  expect((await intremap(['probe'], { root })).stderr).not.toContain('    at ')
  expect((await intremap(['probe'], { root, env: { DEBUG: '1' } })).stderr).toContain('    at ')
})

test.each([['dist'], ['dist/cli/main.js'], ['dist/commands/probe.js']])(
  'an installation without %s is 70',
  async (part) => {
    const root = copyOfProgram()
    rmSync(join(root, part), { recursive: true })
    expect((await intremap(['probe', '--sysroot', machine], { root })).exitCode).toBe(70)
    const run = await intremap(['probe', '--sysroot', machine, '--json'], { root })
    expect(run.exitCode).toBe(70)
    expect(JSON.parse(run.stdout)).toMatchObject({ schema: 'intremap/error', exitCode: 70 })
  },
)
