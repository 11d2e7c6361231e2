import { describe, expect, it } from 'vitest'
import { Budget } from '../../src/budget/budget.js'
import { AMPLIFICATIONS, amplify } from '../support/fuzz-amplifiers.js'
import { GROWN } from '../support/fuzz-grown-inputs.js'
import { fuzz, workOf } from '../support/fuzz.js'
import { fuzzTargets, type FuzzTarget } from '../support/fuzz-targets.js'

const RUNS = 20_000
const SEED = 20261122

describe('parsers of foreign bytes', () => {
  it(`take ${RUNS} mutated inputs (seed ${SEED})`, () => {
    const { failures, byTarget, mostReads, mostValues } = fuzz({ runs: RUNS, seed: SEED })
    expect(failures).toEqual([])
    const tried = [...byTarget.values()].reduce((sum, count) => sum + count, 0)
    expect(tried).toBe(RUNS)
    console.log(
      `${RUNS} inputs to ${byTarget.size} parsers; at most ${mostReads.toFixed(1)} reads and ${mostValues.toFixed(1)} values a byte`,
    )
  })

  const faulty = (parse: FuzzTarget['parse']): FuzzTarget => ({
    name: 'faulty',
    kind: 'binary',
    seeds: [{ bytes: new Uint8Array(32), fields: [{ offset: 4, size: 4, big: false }] }],
    parse,
    weight: 1,
  })

  it.each<[what: string, parse: FuzzTarget['parse'], failure: RegExp]>([
    [
      'throws',
      () => {
        throw new RangeError('offset is out of bounds')
      },
      /^RangeError: offset is out of bounds$/,
    ],
    [
      'reads past its input',
      ({ buffer, byteOffset, length }) => new Uint8Array(buffer)[byteOffset + length],
      /surrounding/,
    ],
    ['reads before its input', ({ buffer, byteOffset }) => new Uint8Array(buffer)[byteOffset - 1], /surrounding/],
    [
      'does not end',
      ({ buffer, byteOffset, length }) => {
        const view = new DataView(buffer, byteOffset, length)
        for (let at = 0; length > 0; at = (at + 1) % length) view.getUint8(at)
        return undefined
      },
      /more than \d+ reads/,
    ],
    [
      'answers with far more than it got',
      ({ length }) => Array.from({ length: 100_000 + length }, () => length),
      /values from/,
    ],
    ['writes to its input', (bytes) => bytes.fill(1), /written to/],
  ])('would be caught when one %s', (_, parse, failure) => {
    const { failures } = fuzz({ runs: 50, seed: 1, targets: [faulty(parse)] })
    expect(failures.length).toBeGreaterThan(0)
    expect(failures[0]?.what).toMatch(failure)
  })

  it('get the same input for the same number, however many are run', () => {
    const seen: string[][] = []
    for (const [from, runs] of [
      [0, 20],
      [10, 10],
    ] as const) {
      const inputs: string[] = []
      const parse = (bytes: Uint8Array) => void inputs.push(String(bytes))
      fuzz({ runs, seed: 5, from, targets: [faulty(parse)] })
      seen.push(inputs)
    }
    expect(seen[0]?.slice(-30)).toEqual(seen[1])
  })

  it('are all tried, and read every seed without an exception', () => {
    for (const { name, seeds, parse } of fuzzTargets()) {
      for (const { bytes } of seeds) expect(() => parse(bytes, new Budget()), name).not.toThrow()
    }
  })
})

describe('amplifiers: small inputs that ask for much work', () => {
  /** Work for each byte that was added: a byte is charged, read as a number, and becomes a part of a value or two. */
  const MOST_FOR_A_BYTE = 24
  const SIZE = 16 * 1024

  /** Ways to make an input of a size, with the work for no more than the seed. */
  interface Amplifier {
    readonly how: string
    readonly base: number
    readonly least: number
    readonly input: (size: number) => Uint8Array
  }

  function* amplifiersOf(target: FuzzTarget): Generator<Amplifier> {
    // Every table, the first of other seeds.
    for (const { bytes: seed } of target.kind === 'acpi' ? target.seeds : target.seeds.slice(0, 1)) {
      const base = workOf(target, seed)
      for (const way of AMPLIFICATIONS)
        for (const at of [0, 0.35, 0.8, 0.95])
          yield {
            how: `${way} at ${at}`,
            base,
            least: seed.length,
            input: (size) => amplify(target, seed, way, at, size),
          }
    }
    for (const [how, input] of Object.entries(GROWN[target.name] ?? {})) yield { how, base: 0, least: 0, input }
  }

  it('get no more than their size from any reader, and twice the work for twice the size', () => {
    const worst = new Map<string, readonly [number, string]>()
    const faults: string[] = []
    for (const target of fuzzTargets()) {
      for (const { how, base, least, input } of amplifiersOf(target)) {
        const [once, twice] = [SIZE, 2 * SIZE].map((size) => {
          const bytes = input(size)
          return Math.max(0, workOf(target, bytes) - base) / Math.max(1, bytes.length - least)
        })
        if (once === undefined || twice === undefined) continue
        if (twice > (worst.get(target.name)?.[0] ?? -1)) worst.set(target.name, [twice, how])
        if (twice > MOST_FOR_A_BYTE) faults.push(`${target.name}: ${twice.toFixed(1)} for a byte, ${how}`)
        if (twice > 1.5 * once + 1) faults.push(`${target.name}: ${once.toFixed(1)}, then ${twice.toFixed(1)}, ${how}`)
      }
    }
    const lines = [...worst].map(([name, [ratio, what]]) => `${ratio.toFixed(1)} ${name} (${what})`)
    console.log(`work for a byte of an amplified input, at most:\n  ${lines.join('\n  ')}`)
    expect(faults).toEqual([])
    expect(Object.keys(GROWN).filter((name) => !worst.has(name))).toEqual([])
  })

  it('would be found where a reader goes back', () => {
    const parse: FuzzTarget['parse'] = ({ length }) => Array.from({ length: (length * length) / 4096 }, () => 0)
    const target: FuzzTarget = { name: 'quadratic', kind: 'text', seeds: [], parse, weight: 1 }
    const ratio = (size: number) => workOf(target, new Uint8Array(size)) / size
    expect(ratio(2 * SIZE)).toBeGreaterThan(1.5 * ratio(SIZE) + 1)
  })
})
