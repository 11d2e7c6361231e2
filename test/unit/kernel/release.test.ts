import { describe, expect, it } from 'vitest'
import { atLeast, parseRelease, releaseInRules, type KernelRelease } from '../../../src/kernel/release.js'

describe('parseRelease', () => {
  it.each([
    ['6.12.95+deb12-arm64', 6, 12, 95],
    ['6.1.0-37-arm64', 6, 1, 0],
    ['7.2.13-lab-arm64', 7, 2, 13],
    ['4.18.0-553.el8_10.aarch64', 4, 18, 0],
    ['5.10.0abc', 5, 10, 0],
    ['6.15', 6, 15, 0],
    ['10.11.12', 10, 11, 12],
    ['6.15-rc3', 6, 15, 0],
    ['6.6.17\n', 6, 6, 17],
  ])('reads %j', (text, major, minor, patch) => {
    expect(parseRelease(text)).toEqual({ major, minor, patch, text: text.trim() })
  })

  it.each([
    '',
    'Linux',
    '6',
    '6.',
    '.6.1',
    'v6.1.0',
    '6.x.1',
    '6.1.',
    '6.12.99999999999',
    '99999.1.1',
    '6.1.0\u001b[2J',
  ])('has no answer for %j', (text) => {
    expect(parseRelease(text)).toBeUndefined()
  })
})

describe('atLeast', () => {
  const release = (text: string): KernelRelease => {
    const parsed = parseRelease(text)
    if (!parsed) throw new Error(text)
    return parsed
  }
  it.each([
    ['6.12.95', 6, 12, true],
    ['6.12.0', 6, 12, true],
    ['6.12.95', 6, 13, false],
    ['6.12.95', 6, 9, true],
    ['7.0.0', 6, 18, true],
    ['5.19.17', 6, 0, false],
  ])('%s, %i.%i: %s', (text, major, minor, expected) => {
    expect(atLeast(release(text), major, minor)).toBe(expected)
  })
})

// 7.2 is the newest whose sources were read: later series are judged as it, later patches of it as themselves.
it.each([
  ['6.12.95', '6.12.95'],
  ['7.2', '7.2'],
  ['7.2.13-lab', '7.2.13-lab'],
  ['7.3.0', '7.2'],
  ['7.4.1', '7.2'],
  ['8.0.0', '7.2'],
])('the rules of %s are those of %s', (text, expected) => {
  const release = parseRelease(text)
  expect(release && releaseInRules(release)).toEqual(parseRelease(expected))
})
