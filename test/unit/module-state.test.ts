import { describe, expect, test } from 'vitest'
import { readSources, withoutComments, type Sources } from '../support/sources.js'

/** Variables of modules that may change, each with why. */
const ALLOWED: Readonly<Record<string, string>> = {
  'cli/exit.ts: let left': 'the state of the process itself',
}

/** A declaration at the left margin, up to its value. */
const DECLARATION = /^(?:export )?(const|let|var) (\w+)(?:: ([^=\n]+))? =(?!>)\s*(\S[^\n]*)/gm
const EMPTY = /^(?:new (?:Map|Set)(?:<[^\n]*>)?\(\)|\[\]|\{\})$/

/** What a module would keep from one call to the next: nothing may, for what is derived belongs to who asked for it. */
function stateOf(sources: Sources): readonly string[] {
  return [...sources].flatMap(([file, text]) =>
    [...withoutComments(text).matchAll(DECLARATION)].flatMap(([, keyword = '', name = '', type = '', value = '']) => {
      const changes = keyword !== 'const'
      const weak = /\bnew Weak(?:Map|Set|Ref)\b/.test(value)
      const filledLater = EMPTY.test(value) && !/^\s*(?:Readonly|readonly)/.test(type)
      return changes || weak || filledLater ? [`${file}: ${keyword} ${name}`] : []
    }),
  )
}

describe('modules', () => {
  test('keep nothing from one machine to the next', () => {
    expect(stateOf(readSources()).filter((one) => !(one in ALLOWED))).toEqual([])
  })

  test('that may keep something still do', () => {
    const found = stateOf(readSources())
    expect(Object.keys(ALLOWED).filter((one) => !found.includes(one))).toEqual([])
  })
})

describe('the checker', () => {
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ['finds a weak map', 'const walks = new WeakMap<Table, Walk>()\n', ['a.ts: const walks']],
    ['finds one with a type', 'export const a: WeakMap<A, B> = new WeakMap()\n', ['a.ts: const a']],
    ['finds a map that starts empty', 'const known = new Map<string, readonly number[]>()\n', ['a.ts: const known']],
    ['finds a list that starts empty', 'const seen: string[] = []\n', ['a.ts: const seen']],
    ['finds a variable', 'let last = 0\n', ['a.ts: let last']],
    ['passes a table', "const NAMES = new Map([['a', 1]])\nconst NONE: ReadonlySet<string> = new Set()\n", []],
    ['passes what a function or an object keeps', 'function f() {\n  const a = new WeakMap()\n  return a\n}\n', []],
    ['passes functions', 'const f = (a: string): string[] => []\nconst g = () => new Map()\n', []],
    ['passes comments', '/* const a = new WeakMap() */\n// let b = 0\n', []],
  ]
  test.each(rows)('%s', (_, text, expected) => {
    expect(stateOf(new Map([['a.ts', text]]))).toEqual(expected)
  })
})
