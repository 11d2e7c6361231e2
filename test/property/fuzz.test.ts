import { describe, expect, it } from 'vitest'
import { fuzz } from '../support/fuzz.js'
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
      for (const { bytes } of seeds) expect(() => parse(bytes), name).not.toThrow()
    }
  })
})
