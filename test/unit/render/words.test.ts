import { describe, expect, test } from 'vitest'
import { classWords, idWords } from '../../../src/render/words/class-words.js'
import { REASON_WORDS } from '../../../src/render/words/reason-words.js'
import { enumerate, fit, wrapWords } from '../../../src/render/layout/text-layout.js'
import { colorLevelFor, columnsFor } from '../../../src/cli/terminal.js'

describe('reason words', () => {
  test.each(Object.entries(REASON_WORDS))('%s fits its column and its sentence', (_, { short, because, step }) => {
    expect(short.length).toBeLessThanOrEqual(19)
    expect(because).not.toMatch(/\.$/)
    expect(step?.text ?? 'Nothing.').toMatch(/^[A-Z].*\.$/)
  })

  test('no step weakens the host', () => {
    const steps = Object.values(REASON_WORDS).map(({ step }) => step?.text ?? '')
    expect(steps.filter((text) => /unsafe|noiommu|no-iommu mode|disable/i.test(text))).toEqual([])
    // The override may be named only as a thing to remove.
    expect(steps.filter((text) => text.includes('acs_override')).every((text) => text.startsWith('Remove'))).toBe(true)
  })
})

test('classes in words (PCI Code and ID Assignment specification)', () => {
  expect(
    ['0x020000', '0x20000', '0x010802', '0x0c0330', '0x030200', '0x038000', '0x060400', '0x080600'].map(classWords),
  ).toEqual(['Ethernet', 'Ethernet', 'NVMe', 'USB', '3D', 'display', 'PCI bridge', 'IOMMU'])
  expect(['0xff0000', 'unknown', '', '0x1000000'].map(classWords)).toEqual(['device', 'device', 'device', 'device'])
})

test('ids as lspci writes them', () => {
  expect(idWords('0x8086', '0xd')).toBe('8086:000d')
  expect(idWords('unknown', '0x1af4')).toBe('????:1af4')
})

test('layout', () => {
  expect(wrapWords('a bb ccc dddddddd', 6)).toEqual(['a bb', 'ccc', 'dddddddd'])
  expect([fit('abcdef', 6), fit('abcdefg', 6), fit('abc', 2)]).toEqual(['abcdef', 'abcd..', '..'])
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd']].map((items) => enumerate(items, 2))).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
    'a, b and 2 more',
  ])
})

test('the flag wins, then FORCE_COLOR, then NO_COLOR, then the terminal', () => {
  expect(colorLevelFor('never', { FORCE_COLOR: '1' }, true)).toBe(0)
  expect(colorLevelFor('always', { NO_COLOR: '1' }, false)).toBe(1)
  expect(colorLevelFor('auto', { FORCE_COLOR: '1', NO_COLOR: '1' }, false)).toBe(1)
  expect(colorLevelFor('auto', { FORCE_COLOR: '0' }, true)).toBe(0)
  expect(colorLevelFor('auto', { NO_COLOR: '1' }, true)).toBe(0)
  expect(colorLevelFor('auto', { NO_COLOR: '' }, true)).toBe(1)
  expect(colorLevelFor('auto', { TERM: 'dumb' }, true)).toBe(0)
  expect(colorLevelFor('auto', {}, false)).toBe(0)
})

test('COLUMNS, then the terminal, then 80, never under 60', () => {
  expect(columnsFor({ COLUMNS: '100' }, 120)).toBe(100)
  expect(columnsFor({ COLUMNS: 'many' }, 120)).toBe(120)
  expect(columnsFor({}, undefined)).toBe(80)
  expect(columnsFor({ COLUMNS: '20' }, undefined)).toBe(60)
})
