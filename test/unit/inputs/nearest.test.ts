import { expect, test } from 'vitest'
import { NotFoundError } from '../../../src/report/not-found.js'
import { describeError } from '../../../src/cli/errors.js'
import { nearest } from '../../../src/inputs/nearest.js'

const NAMES = ['capture', 'check', 'decode', 'probe', 'selftest', 'raspberry-pi-5']

test.each([
  ['prob', ['probe']],
  ['sefltest', ['selftest']],
  ['rasp', ['raspberry-pi-5']],
  ['raspberrypi-5', ['raspberry-pi-5']],
  ['chekc', ['check']],
  ['frobnicate', []],
  ['', []],
])('%s may be meant as %j', (asked, expected) => {
  expect(nearest(asked, NAMES)).toEqual(expected)
})

test('of many devices those that may have been meant are named, of groups the first', () => {
  const devices = Array.from({ length: 20 }, (_, index) => `0000:00:${index.toString(16).padStart(2, '0')}.0`)
  const hint = (error: unknown) => describeError(error).error.hint
  expect(hint(new NotFoundError('device', '0000:00:13.1', devices))).toMatch(
    /^It has 0000:00:13\.0, .* and others, 20 in all\.$/,
  )
  expect(hint(new NotFoundError('device', '0000:00:05.1', devices.slice(0, 3)))).toBe(
    'It has 0000:00:00.0, 0000:00:01.0, 0000:00:02.0.',
  )
  const groups = Array.from({ length: 20 }, (_, index) => String(index))
  expect(hint(new NotFoundError('group', '99', groups))).toBe('It has 0, 1, 2, 3, 4, 5, 6, 7 and others, 20 in all.')
})

test('an output that cannot be written is no bug to be reported', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' })
  expect(describeError(full)).toMatchObject({
    error: { code: 'internal', message: 'the output could not be written: no space left on the device' },
    exitCode: 70,
  })
})
