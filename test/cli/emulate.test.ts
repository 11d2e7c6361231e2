import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { jsonSchemaOf } from '../../src/schemas/published-schemas.js'
import { intremapHere } from './run-here.js'
import { PACKAGE_ROOT } from './run-intremap.js'
import { temporaryDirectory } from '../support/temporary-directories.js'

const DESCRIPTION = join(PACKAGE_ROOT, 'test/fixtures/descriptions/ti-am654-pre-its.json')
const text = readFileSync(DESCRIPTION, 'utf8')

/** What `probe --json` says, without where it was read. */
async function report(words: readonly string[], input?: Uint8Array): Promise<unknown> {
  const run = await intremapHere(['probe', '--json', ...words], input === undefined ? {} : { input })
  const parsed: unknown = JSON.parse(run.stdout)
  expect(parsed).toMatchObject({ schema: 'intremap/report' })
  return { ...Object(parsed), source: 'the same' }
}

interface Row {
  readonly exitCode: number
  readonly message: string
  readonly words: readonly string[]
  readonly input?: string
}

describe('intremap emulate', () => {
  test('writes a tree and a bundle that give the same report, from a file and from standard input', async () => {
    const out = temporaryDirectory()
    const tree = await intremapHere(['emulate', DESCRIPTION, '-o', `${out}/tree`])
    expect(tree).toMatchObject({ exitCode: 0, stdout: '' })
    expect(tree.stderr).toContain('ti-am654-pre-its')
    expect(await intremapHere(['emulate', '-', '-o', `${out}/m.tar.gz`], { input: text })).toMatchObject({
      exitCode: 0,
    })
    expect(readdirSync(out).sort()).toEqual(['m.tar.gz', 'tree'])
    const expected = await report(['--sysroot', `${out}/tree`])
    expect(await report(['--bundle', `${out}/m.tar.gz`])).toEqual(expected)
  })

  test('tells under --json what it wrote', async () => {
    const out = temporaryDirectory()
    const tree = await intremapHere(['emulate', DESCRIPTION, '-o', out, '--json'])
    expect(tree).toMatchObject({ exitCode: 0, stderr: '' })
    expect(JSON.parse(tree.stdout)).toMatchObject({ schema: 'intremap/tree', machine: 'ti-am654-pre-its' })
    const takes = (name: 'tree' | 'bundle-summary', stdout: string) =>
      new Ajv2020().compile(jsonSchemaOf(name, true))(JSON.parse(stdout))
    expect(takes('tree', tree.stdout)).toBe(true)
    const bundle = await intremapHere(['emulate', DESCRIPTION, '-o', `${out}/m.tgz`, '--json'])
    expect(JSON.parse(bundle.stdout)).toMatchObject({ schema: 'intremap/bundle-summary', machine: 'ti-am654-pre-its' })
    expect(takes('bundle-summary', bundle.stdout)).toBe(true)
    expect(takes('tree', bundle.stdout)).toBe(false)
  })

  test('prints the schema, which takes the description', async () => {
    const run = await intremapHere(['emulate', '--schema'])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    const schema: unknown = JSON.parse(run.stdout)
    const valid = new Ajv2020({ allowUnionTypes: true }).compile(Object(schema))
    expect(valid(JSON.parse(text))).toBe(true)
    expect(valid({})).toBe(false)
  })

  test('says of every mistake where it is, what was expected and what was found', async () => {
    const out = temporaryDirectory()
    const input = text.replace('"architecture": "arm64"', '"architecture": "arm"').replace('"name"', '"nam"')
    const run = await intremapHere(['emulate', '-', '-o', `${out}/tree`], { input })
    expect(run).toMatchObject({ exitCode: 65, stdout: '' })
    const lines = run.stderr.split('\n')
    expect(lines[0]).toBe('intremap: standard input describes no machine, 3 mistakes')
    expect(lines).toContain('  architecture: expected one of arm64, x86_64, riscv64, s390x, found "arm"')
    expect(lines).toContain('  name: expected a value, found nothing')
    const json = await intremapHere(['emulate', '-', '-o', `${out}/tree`, '--json'], { input })
    expect(json).toMatchObject({ exitCode: 65, stderr: '' })
    expect(json.stdout).toContain('name: expected a value, found nothing')
    expect(existsSync(`${out}/tree`)).toBe(false)
  })

  test('refuses a full directory and an existing bundle unless forced', async () => {
    const out = temporaryDirectory()
    const words = ['emulate', DESCRIPTION, '-o', `${out}/tree`]
    expect((await intremapHere(words)).exitCode).toBe(0)
    expect(await intremapHere(words)).toMatchObject({ exitCode: 64, stdout: '' })
    expect((await intremapHere([...words, '--force'])).exitCode).toBe(0)
    writeFileSync(`${out}/m.tar.gz`, 'mine')
    expect((await intremapHere(['emulate', DESCRIPTION, '-o', `${out}/m.tar.gz`])).exitCode).toBe(64)
    expect(readFileSync(`${out}/m.tar.gz`, 'utf8')).toBe('mine')
  })

  const rows: readonly Row[] = [
    { exitCode: 64, message: 'missing argument FILE', words: ['-o', 'x'] },
    { exitCode: 64, message: '--output is missing', words: [DESCRIPTION] },
    { exitCode: 64, message: 'cannot hold', words: [DESCRIPTION, '-o', '-', '--json'] },
    { exitCode: 64, message: 'unknown flag --frobnicate', words: [DESCRIPTION, '--frobnicate'] },
    { exitCode: 65, message: 'not JSON', words: ['-', '-o', 'x'], input: '{' },
    { exitCode: 65, message: 'not JSON', words: ['-', '-o', 'x'], input: '' },
    { exitCode: 65, message: 'expected an object, found 7', words: ['-', '-o', 'x'], input: '7' },
    { exitCode: 65, message: 'it is a directory', words: [PACKAGE_ROOT, '-o', 'x'] },
    { exitCode: 66, message: 'no such file', words: ['/nowhere.json', '-o', 'x'] },
  ]

  test.each(rows)('exits with $exitCode: $message', async ({ exitCode, message, words, input }) => {
    const run = await intremapHere(['emulate', ...words], input === undefined ? {} : { input })
    expect(run.exitCode).toBe(exitCode)
    expect(`${run.stdout}${run.stderr}`).toContain(message)
  })

  test('writes nothing where a link of the machine would lead out of the directory', async () => {
    const out = temporaryDirectory()
    const description: unknown = JSON.parse(text)
    const faults = [{ retarget: 'sys/firmware/fdt', target: '../../../../../../../../etc/passwd' }]
    const input = JSON.stringify({ ...Object(description), faults })
    const run = await intremapHere(['emulate', '-', '-o', `${out}/tree`], { input })
    expect(run.exitCode).toBe(65)
    expect(run.stderr).toContain('leads out of the directory')
    expect(readdirSync(out)).toEqual([])
  })
})
