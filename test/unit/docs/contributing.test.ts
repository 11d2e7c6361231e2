import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { importsOf, importTarget, readSources } from '../../support/sources.js'

const ROOT = new URL('../../../', import.meta.url)
const text = readFileSync(new URL('docs/contributing.md', ROOT), 'utf8')

interface Hop {
  readonly number: number
  readonly file: string
  readonly name: string
  /** Files that its line names beside its own: what it goes through. */
  readonly through: readonly string[]
}

/** The ways through the house, by their headings: numbered lines that name a file and what to look for in it. */
function waysOf(page: string): ReadonlyMap<string, readonly Hop[]> {
  const ways = new Map<string, Hop[]>()
  let way: Hop[] | undefined
  for (const line of page.split('\n')) {
    const heading = /^#+ (.*)$/.exec(line)?.[1]
    if (heading !== undefined) ways.set(heading, (way = []))
    const [, number, file, name, text = ''] = /^(\d+)\. `(src\/[\w./-]+)` `(\w+)` (.*)$/.exec(line) ?? []
    const through = [...text.matchAll(/`(src\/[\w./-]+\.ts)`/g)].map((match) => match[1] ?? '')
    if (file !== undefined && name !== undefined) way?.push({ number: Number(number), file, name, through })
  }
  return new Map([...ways].filter(([, hops]) => hops.length > 0))
}

const isDeclared = ({ file, name }: Hop): boolean =>
  existsSync(new URL(file, ROOT)) &&
  new RegExp(`^export (?:function|const|class) ${name}\\b`, 'm').test(readFileSync(new URL(file, ROOT), 'utf8'))

const sources = readSources()

/** Whether one of two files of src imports the other. */
function isJoined(one: string, other: string): boolean {
  const [left, right] = [one, other].map((path) => path.replace(/^src\//, ''))
  const imports = (from = '', to = '') =>
    importsOf(sources.get(from) ?? '').some((specifier) => importTarget(from, specifier) === to)
  return imports(left, right) || imports(right, left)
}

/** Whether imports lead from a hop to the next, through no file but those that both lines name. */
function leadsOn(hop: Hop, next: Hop): boolean {
  const left = new Set([...hop.through, ...next.through, next.file])
  const reached = [hop.file]
  for (const file of reached) {
    for (const other of left) {
      if (!isJoined(file, other)) continue
      left.delete(other)
      reached.push(other)
    }
  }
  return reached.includes(next.file)
}

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

  test.each([...ways])('%s: imports lead from each hop to the next', (_, hops) => {
    const broken = hops.slice(1).filter((next, index) => {
      const hop = hops[index]
      return hop === undefined || !leadsOn(hop, next)
    })
    expect(broken.map(({ number, name }) => `${number}. ${name}`)).toEqual([])
  })

  test('would be missed', () => {
    const planted = waysOf('### W\n\n1. `src/gone.ts` `probeMachine` x\n2. `src/probes/machine.ts` `gone` x\n')
    expect(planted.get('W')?.map(isDeclared)).toEqual([false, false])
    const far = waysOf(
      '### W\n\n1. `src/probes/acpi/iort.ts` `parseIort` x\n2. `src/render/formats/json.ts` `toJson` of `src/machine/iort.ts`\n',
    )
    const [first, second] = far.get('W') ?? []
    expect(first && second && leadsOn(first, second)).toBe(false)
  })
})

test('every file and folder that the page names is there', () => {
  const named = [...text.matchAll(/`((?:src|test|docs|scripts)\/[\w./-]+)`/g)].map((match) => match[1] ?? '')
  expect(named.length).toBeGreaterThan(30)
  expect(named.filter((path) => !existsSync(new URL(path, ROOT)))).toEqual([])
})
