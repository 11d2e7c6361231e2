import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { plainWords } from '../../../src/cli/plain-words.js'
import { COMMAND_LIST } from '../../../src/commands/command-list.js'

const ROOT = join(import.meta.dirname, '../../..')
const PAGE = readFileSync(join(ROOT, 'docs/features.md'), 'utf8')

const printed: string[] = []
// What commands print is looked at here, in this process: a hundred of them would take a minute by themselves.
vi.mock('../../../src/cli/output.js', () => ({
  writeStdout: (text: string | Uint8Array) => printed.push(typeof text === 'string' ? text : Buffer.from(text).toString()),
  writeStdoutPieces: (pieces: Iterable<string>) => printed.push(...pieces),
  writeStderr: () => undefined,
}))
afterEach(() => {
  printed.length = 0
})

interface Row {
  readonly number: number
  /** Undefined where the page says why there is none. */
  readonly command: string | undefined
  readonly shows: string | undefined
  readonly text: string
}

const rows: readonly Row[] = PAGE.split('\n').flatMap((line) => {
  const [, number, , how = '', shows = ''] = /^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/.exec(line) ?? []
  if (number === undefined) return []
  return [
    { number: Number(number), command: /`(intremap [^`]+)`/.exec(how)?.[1], shows: /^`(.*)`$/.exec(shows)?.[1], text: how },
  ]
})

test('the rows are 92, in order, each with a command or a reason', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 92 }, (_, index) => index + 1))
  expect(rows.filter(({ command, shows }) => (command === undefined) !== (shows === undefined))).toEqual([])
  expect(rows.filter(({ command, text }) => command === undefined && text.length < 10)).toEqual([])
})

test('what a row names instead is there', () => {
  const named = rows.flatMap(({ text }) => [...text.matchAll(/\b(?:test|contrib)\/[\w./-]+/g)].map(([path]) => path))
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})

describe('what the page says is printed', () => {
  const commands = new Map(rows.flatMap(({ command }) => (command === undefined ? [] : [[command, command] as const])))

  test.each([...commands.keys()])('%s', async (line) => {
    const [id = '', ...words] = line.split(' ').slice(1)
    const spec = COMMAND_LIST.find((one) => one.id === id)
    const placed = words.map((word) => (word.startsWith('test/') ? join(ROOT, word) : word))
    const plain = spec && plainWords(spec, placed)
    if (!spec || !plain) throw new Error(`${line} is not understood`)
    const code = await spec.run(plain)
    expect([0, 1, line.includes('nagios') ? 2 : 1, 3]).toContain(code)
    const output = printed.join('').replaceAll(/\s+/g, ' ')
    for (const { command, shows = '' } of rows) if (command === line) expect(output).toContain(shows.replaceAll(/\s+/g, ' '))
  })
})
