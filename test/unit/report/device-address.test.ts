import { expect, test } from 'vitest'
import { canonicalDeviceAddress } from '../../../src/report/device-address.js'

// As `lspci -s [[[[<domain>]:]<bus>]:][<device>][.[<func>]]` takes them, in hexadecimal.
test.each([
  ['01:00.0', '0000:01:00.0'],
  ['0:3.0', '0000:00:03.0'],
  ['1:2:1f.7', '0001:02:1f.7'],
  ['10000:e1:00.0', '10000:e1:00.0'],
  ['000C:01:00.0', '000c:01:00.0'],
])('%s is %s', (text, address) => {
  expect(canonicalDeviceAddress(text)).toBe(address)
})

test.each(['', '0:3', '3.0', '0:20.0', '0:3.8', '100:0.0', 'x0:3.0', '0:3.0 '])('%j is none', (text) => {
  expect(canonicalDeviceAddress(text)).toBeUndefined()
})
