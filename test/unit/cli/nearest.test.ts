import { expect, test } from 'vitest'
import { nearest } from '../../../src/cli/nearest.js'

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
