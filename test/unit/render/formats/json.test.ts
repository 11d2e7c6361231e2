import { describe, expect, it } from 'vitest'
import { jsonPieces, toJson } from '../../../../src/render/formats/json.js'

const device = (index: number, text: string) => ({
  index,
  text,
  left: undefined,
  none: [],
  nothing: {},
  deep: [[{ index }]],
})

describe('JSON in pieces', () => {
  it.each<[string, object]>([
    ['nothing', {}],
    ['an empty list', []],
    ['members that are not there', { one: undefined, two: [undefined, 1], three: { four: undefined } }],
    ['lists of lists', [[], [[]], [[[1, [2, [3]]]]]]],
    ['many small items', { devices: Array.from({ length: 1000 }, (_, index) => device(index, 'word')) }],
    [
      'items that are small and large in turn',
      {
        devices: Array.from({ length: 300 }, (_, index) => device(index, 'word '.repeat(index % 70 === 69 ? 9000 : 3))),
      },
    ],
    [
      'line feeds and what no terminal may see',
      { 'a\nkey': ['\u001b[31m\n', '\u202e\ud800'], list: [{ '\u200b': '\n' }] },
    ],
  ])('is what JSON.stringify makes of %s', (_, value) => {
    expect([...jsonPieces(value)].join('')).toBe(toJson(value))
  })

  it('is in memory a few items at a time', () => {
    const pieces = [
      ...jsonPieces({ devices: Array.from({ length: 5000 }, (_, index) => device(index, 'x'.repeat(1000))) }),
    ]
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(100_000)
    expect(pieces.length).toBeLessThan(1000)
  })
})
