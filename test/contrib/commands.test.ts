import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { plainWords } from '../../src/cli/plain-words.js'
import { COMMAND_LIST } from '../../src/commands/command-list.js'
import { PACKAGE_ROOT } from '../cli/run-intremap.js'

const ROOT = join(PACKAGE_ROOT, 'contrib')
const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((name) =>
  statSync(join(ROOT, name)).isFile(),
)

/** Words of the program's calls in a file, in shell, YAML and Python; what a script puts in is any word. */
function callsIn(text: string): readonly (readonly string[])[] {
  const code = text.replaceAll(/^\s*#.*$/gm, '')
  const calls = [...code.matchAll(/(?:\bintremap|\$\{INTREMAP:-intremap\}|"\$intremap") ([a-z]+ [^|&;<>'`\n)]*)/g)]
  return calls.map(([, words = '']) =>
    words
      .trim()
      .split(/\s+/)
      .map((word) => word.replaceAll('"', '').replace(/^\$\w+$/, '00:01.0')),
  )
}
const specs = new Map(COMMAND_LIST.map((spec) => [spec.id, spec]))
const isUnderstood = ([id = '', ...words]: readonly string[]) => {
  const spec = specs.get(id)
  return spec !== undefined && plainWords(spec, words) !== undefined
}

describe('what is meant for other programs', () => {
  const calls = files.flatMap((file) =>
    callsIn(readFileSync(join(ROOT, file), 'utf8')).map((words) => ({ file, words })),
  )

  test('calls the program as its commands are', () => {
    expect(calls.length).toBeGreaterThan(9)
    expect(calls.filter(({ words }) => !isUnderstood(words))).toEqual([])
  })

  test('would be told of a flag that is none', () => {
    expect(callsIn('x: intremap probe --no-such-flag | intremap fleet -').map(isUnderstood)).toEqual([false, true])
  })
})

test('every folder stands in the table', () => {
  const page = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const folders = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(folders.filter(({ name }) => !page.includes(`| \`${name}/\` |`)).map(({ name }) => name)).toEqual([])
})
