import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { copyOfProgram, intremap, replaceInProgram, smallMachine, writeTree } from './run-intremap.js'

const machine = writeTree(smallMachine())

/** Puts a statement after a declaration of the copied program. */
function plant(root: string, declaration: RegExp, statement: string): void {
  replaceInProgram(root, declaration, (found) => `${found}\n${statement}\n`)
}

const THROW = "throw new Error('planted')"
const RUN =
  /async run\(flags, args\) \{\n(?=\s+const format = formatOf\(flags\);\n\s+const options = \{ \.\.\.reportOptions)/
const places: readonly (readonly [string, RegExp, string])[] = [
  ['a probe', /function probeMachine\([^)]*\) \{/, THROW],
  ['a probe of one file', /function probePciFunctions\([^)]*\) \{/, THROW],
  ['a rule', /function evaluate\([^)]*\) \{/, THROW],
  ["a rule's check", /\/\/ src\/rules\/machine\/ir003-running-as-guest\.ts[^§]*?check\w*\([^)]*\) \{/, THROW],
  ['a renderer', /function renderHumanProbe\([^)]*\) \{/, THROW],
  ['a module while it loads', /\/\/ src\/report\/probe\/build\.ts\n/, THROW],
  ['a command', RUN, THROW],
  ['something that is no error', RUN, 'throw null'],
  ['a timer', RUN, `setTimeout(() => { ${THROW} }); await new Promise((r) => setTimeout(r, 2000))`],
  [
    'a promise nobody waits for',
    RUN,
    "void Promise.reject(new Error('planted')); await new Promise((r) => setTimeout(r, 2000))",
  ],
  ['a promise that never settles', RUN, 'await new Promise(() => {})'],
  ['a command that forgets its exit code', RUN, 'return undefined'],
  ['endless recursion', RUN, 'const f = () => f() + 1; f()'],
  [
    'an error with the exit code of a verdict',
    RUN,
    "throw Object.assign(new Error('x'), { exitCode: 0, code: 0, oclif: { exit: 0 } })",
  ],
  ['the exit function itself', /\/\/ src\/cli\/exit\.ts\n/, THROW],
  ['the escaping of text', /\/\/ src\/render\/layout\/escape\.ts\n/, THROW],
]

describe.each(places)('trouble in %s', (what, declaration, statement) => {
  const root = copyOfProgram()
  plant(root, declaration, statement)

  test('is 70, with one line and a hint', async () => {
    const run = await intremap(['probe', '--sysroot', machine], { root })
    expect(run.exitCode).toBe(70)
    expect(run.stdout).toBe('')
    expect(run.stderr).toMatch(/^intremap[: ].+\n.+\n$/)
  })

  // A renderer for people is not asked under --json.
  test.skipIf(what === 'a renderer')('is the error object under --json', async () => {
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
  plant(root, /function\* jsonPieces\([^)]*\) \{/, THROW)
  const run = await intremap(['probe', '--sysroot', machine, '--json'], { root })
  expect(run.exitCode).toBe(70)
  expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: 'internal' }, exitCode: 70 })
})

test('the stack is shown only when asked for', async () => {
  const root = copyOfProgram()
  plant(root, RUN, THROW)
  expect((await intremap(['probe'], { root })).stderr).not.toContain('    at ')
  expect((await intremap(['probe'], { root, env: { DEBUG: '1' } })).stderr).toContain('    at ')
})

test.each([['dist'], ['dist/program/main.js'], ['dist/chunks']])('an installation without %s is 70', async (part) => {
  const root = copyOfProgram()
  rmSync(join(root, part), { recursive: true })
  expect((await intremap(['probe', '--sysroot', machine], { root })).exitCode).toBe(70)
  const run = await intremap(['probe', '--sysroot', machine, '--json'], { root })
  expect(run.exitCode).toBe(70)
  expect(JSON.parse(run.stdout)).toMatchObject({ schema: 'intremap/error', exitCode: 70 })
})
