import { describe, expect, test } from 'vitest'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { jsonSchemaOf } from '../../src/schemas/published-schemas.js'
import { intremapHere } from './run-here.js'
import { bundleOf, smallMachine } from './run-intremap.js'

const validExplanation = new Ajv2020({ allowUnionTypes: true }).compile(jsonSchemaOf('explanation', true))

const bundle = (): { readonly input: Uint8Array } => ({ input: bundleOf(smallMachine()) })
const INPUT = ['--bundle', '-']

describe('explain ADDR', () => {
  test('tells the way, the answers and what would change it, and ends with the verdict', async () => {
    const run = await intremapHere(['explain', '00:01.0', ...INPUT], bundle())
    expect(run).toMatchObject({ exitCode: 3, stderr: '' })
    expect(run.stdout).toMatch(/^\?\? 0000:00:01\.0 /)
  })

  test('--json is one document with its exit code', async () => {
    const run = await intremapHere(['explain', '00:01.0', '--json', ...INPUT], bundle())
    const document: unknown = JSON.parse(run.stdout)
    expect(validExplanation(document), JSON.stringify(validExplanation.errors)).toBe(true)
    expect(document).toMatchObject({ schema: 'intremap/explanation', device: { address: '0000:00:01.0' }, exitCode: 3 })
    expect(run.exitCode).toBe(3)
  })

  test('--all shows the questions, --kernel-release another release', async () => {
    const run = await intremapHere(['explain', '00:01.0', '--all', '--kernel-release', '4.9', ...INPUT], bundle())
    expect(run.stdout).toContain('\nQuestions\n')
    expect(run.stdout).toContain('  kernel    4.9 gives no answer that can be foretold')
  })

  test('what is not there is 66, no word at all 64', async () => {
    expect((await intremapHere(['explain', '99:00.0', ...INPUT], bundle())).exitCode).toBe(66)
    expect(await intremapHere(['explain', 'nonsense', ...INPUT], bundle())).toMatchObject({ exitCode: 66, stdout: '' })
    expect((await intremapHere(['explain'])).exitCode).toBe(64)
  })
})

describe('explain IRnnn', () => {
  test.each(['IR101', 'ir101', 'ir-101'])('%s is the reference page', async (id) => {
    const run = await intremapHere(['explain', id])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout).toMatch(/^IR101 /)
    for (const title of ['What is checked', 'Why it matters', 'What to do', 'What it cannot see', 'References'])
      expect(run.stdout).toContain(`\n${title}\n`)
  })

  test('as JSON it is a catalogue of one', async () => {
    const run = await intremapHere(['explain', 'IR101', '--json'])
    expect(JSON.parse(run.stdout)).toMatchObject({ schema: 'intremap/rules', rules: [{ id: 'IR101' }] })
  })

  test('an unknown id is 66 with the nearest ones', async () => {
    const run = await intremapHere(['explain', 'IR199'])
    expect(run).toMatchObject({ exitCode: 66, stdout: '' })
    expect(run.stderr).toContain('there is no rule IR199')
    expect(run.stderr).toMatch(/Near it: IR\d{3} \(/)
  })
})
