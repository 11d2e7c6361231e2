import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { intremapHere } from './run-here.js'
import { temporaryDirectory } from '../support/temporary-directories.js'

const directory = temporaryDirectory()
function file(name: string, content: string): string {
  writeFileSync(join(directory, name), content)
  return join(directory, name)
}
const policy = file('policy.json', '{"schema":"intremap/policy","schemaVersion":"1.0.0","failOn":["never"]}')
const machine = ['--emulated', 'raspberry-pi-5'] as const

test.each<readonly [string, readonly string[], number, string]>([
  ['a file of one', ['--policy', policy], 0, ''],
  ['one that is not there', ['--policy', join(directory, 'none.json')], 66, 'none.json'],
  ['a policy beside a level', ['--policy', policy, '--fail-on', 'unknown'], 64, 'exclude each other'],
  [
    'a policy as a baseline',
    ['--baseline', policy],
    65,
    'schema: expected "intremap/baseline", found "intremap/policy"',
  ],
  ['no JSON', ['--policy', file('cut.json', '{"schema":')], 65, 'is no JSON'],
  ['more than such files hold', ['--policy', file('large.json', ' '.repeat(1 << 21))], 65, 'too large for a policy'],
  [
    'deeper than such files are',
    ['--baseline', file('deep.json', '['.repeat(9e4) + ']'.repeat(9e4))],
    65,
    'nested deeper',
  ],
  ['a baseline for another question', ['--baseline', policy, '--assignable'], 64, 'another question'],
])('%s', async (_, words, exitCode, message) => {
  const run = await intremapHere(['probe', ...machine, ...words])
  expect([run.exitCode, run.stderr.includes(message)]).toEqual([exitCode, true])
})
