import { describe, expect, it } from 'vitest'
import { absent, known, unreadable } from '../../../../src/machine/fact.js'
import { SharedParts } from '../../../../src/report/probe/shared-parts.js'

describe('parts that many functions have alike', () => {
  const shared = new SharedParts()

  it('are ids in lower-case digits, each list for itself', () => {
    expect(shared.ids([0x1f, 0xa0])).toEqual(['0x1f', '0xa0'])
    expect(shared.ids([0x1f])).toEqual(['0x1f'])
    expect(shared.ids([0x1f, 0xa1])).toEqual(['0x1f', '0xa1'])
    expect(shared.ids([0x1f, 0xa2])).toEqual(['0x1f', '0xa2'])
    expect(shared.ids([0x2f, 0xa2])).toEqual(['0x2f', '0xa2'])
    expect(shared.ids([0x2f])).toEqual(['0x2f'])
    expect(shared.ids([0x2f, 0xa2])).toEqual(['0x2f', '0xa2'])
    expect(shared.ids([])).toEqual([])
    expect(shared.ids('unknown')).toBe('unknown')
  })

  it('are made once for the same ids one after the other', () => {
    expect(shared.ids([7, 8])).toBe(shared.ids([7, 8]))
  })

  it('are numbers of so many digits', () => {
    expect(shared.wordText(known(0x20))).toBe('0x0020')
    expect(shared.classText(known(0x20))).toBe('0x000020')
    expect(shared.wordText(known(0x20))).toBe('0x0020')
    expect(shared.wordText(known(0x21))).toBe('0x0021')
    expect(shared.wordText(absent())).toBe('unknown')
    expect(shared.wordText(unreadable('io'))).toBe('unknown')
  })

  it('are addresses, beyond what a number holds', () => {
    expect(shared.hex(0x8000_0000_0009_0040n)).toBe('0x8000000000090040')
    expect(shared.hex(0x8000_0000_0009_0041n)).toBe('0x8000000000090041')
  })

  it('are windows, with the word for a bound that is not there', () => {
    const window = { kind: 'software', start: 0x800_0000n, end: 0x80f_ffffn } as const
    expect(shared.window(window)).toEqual({ kind: 'software', start: '0x8000000', end: '0x80fffff' })
    expect(shared.window(window)).toBe(shared.window(window))
    expect(shared.window({ kind: 'none' })).toEqual({ kind: 'none', start: 'none', end: 'none' })
    expect(shared.window({ kind: 'unknown' })).toEqual({ kind: 'unknown', start: 'unknown', end: 'unknown' })
  })
})
