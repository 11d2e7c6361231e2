import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const ROOT = new URL('../../../', import.meta.url)
const text = readFileSync(new URL('docs/contributing.md', ROOT), 'utf8')

interface Hop {
  readonly number: number
  readonly file: string
  readonly name: string
}

/** The ways through the house, by their headings: numbered lines that name a file and what to look for in it. */
function waysOf(page: string): ReadonlyMap<string, readonly Hop[]> {
  const ways = new Map<string, Hop[]>()
  let way: Hop[] | undefined
  for (const line of page.split('\n')) {
    const heading = /^#+ (.*)$/.exec(line)?.[1]
    if (heading !== undefined) ways.set(heading, (way = []))
    const [, number, file, name] = /^(\d+)\. `(src\/[\w./-]+)` `(\w+)` /.exec(line) ?? []
    if (file !== undefined && name !== undefined) way?.push({ number: Number(number), file, name })
  }
  return new Map([...ways].filter(([, hops]) => hops.length > 0))
}

const isDeclared = ({ file, name }: Hop): boolean =>
  existsSync(new URL(file, ROOT)) &&
  new RegExp(`^export (?:function|const|class) ${name}\\b`, 'm').test(readFileSync(new URL(file, ROOT), 'utf8'))

describe('the ways that the contributing page walks', () => {
  const ways = waysOf(text)

  test('are three', () => {
    expect([...ways.keys()]).toEqual([
      'Bytes of an IORT to a sentence',
      'Configuration space to JSON',
      'A property of a tree to a finding',
    ])
  })

  test.each([...ways])('%s: at most ten hops, each where it is said to be', (_, hops) => {
    expect(hops.map(({ number }) => number)).toEqual(hops.map((_hop, index) => index + 1))
    expect(hops.length).toBeLessThanOrEqual(10)
    expect(hops.filter((hop) => !isDeclared(hop))).toEqual([])
  })

  test('would be missed', () => {
    const planted = waysOf('### W\n\n1. `src/gone.ts` `probeMachine` x\n2. `src/probes/machine.ts` `gone` x\n')
    expect(planted.get('W')?.map(isDeclared)).toEqual([false, false])
  })
})

test('every file and folder that the page names is there', () => {
  const named = [...text.matchAll(/`((?:src|test|docs|scripts)\/[\w./-]+)`/g)].map((match) => match[1] ?? '')
  expect(named.length).toBeGreaterThan(30)
  expect(named.filter((path) => !existsSync(new URL(path, ROOT)))).toEqual([])
})
