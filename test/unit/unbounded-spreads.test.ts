import { describe, expect, test } from 'vitest'
import { readSources, withoutComments, type Sources } from '../support/sources.js'

/** Calls that take each element as an argument: some 100,000 of them overflow the stack. */
const SPREAD =
  /\.(?:push|unshift)\(\s*\.\.\.|Math\.(?:max|min)\([^\n;]*?\.\.\.|fromCharCode\(\s*\.\.\.(?!\w+\.subarray\(0, 4\)\))/g

/** Files whose spreads have a bound, with it. */
const BOUNDED: Readonly<Record<string, string>> = {
  'inputs/texts/lspci-function-line.ts': 'three ends',
  'render/topology/svg.ts': '64 children',
  'capture/redacted-firmware.ts': 'names of at most 255 bytes',
  'sysroot/tar-header.ts': 'fields of a header of 512 bytes',
}

const spreadsOf = (sources: Sources): readonly string[] =>
  [...sources].flatMap(([file, text]) =>
    [...withoutComments(text).matchAll(SPREAD)].map((match) => `${file}: ${match[0].replaceAll(/\s/g, '')}`),
  )

describe('arguments', () => {
  const found = spreadsOf(readSources())

  test('are never as many as there is evidence', () => {
    expect(found.filter((one) => !(one.replace(/:.*/, '') in BOUNDED))).toEqual([])
  })

  test('are spread where it is said why that is safe', () => {
    const files = new Set(found.map((one) => one.replace(/:.*/, '')))
    expect(Object.keys(BOUNDED).filter((file) => !files.has(file))).toEqual([])
  })

  test('are found', () => {
    const text =
      'a.push(...b)\nMath.max(0, ...c)\nString.fromCharCode(\n  ...d,\n)\nString.fromCharCode(...e.subarray(0, 4))\n'
    expect(spreadsOf(new Map([['a.ts', `${text}// a.push(...b)\n`]]))).toEqual([
      'a.ts: .push(...',
      'a.ts: Math.max(0,...',
      'a.ts: fromCharCode(...',
    ])
  })
})
