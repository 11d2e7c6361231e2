import { expect, test } from 'vitest'
import { failedRead } from '../../../src/sysroot/failure.js'

test.each([
  ['EIO', 'io'],
  // The server of a mount has another file there, or none.
  ['ESTALE', 'io'],
  ['ENODEV', 'io'],
  ['ETIMEDOUT', 'io'],
  ['EACCES', 'permission'],
  ['EPERM', 'permission'],
  ['EISDIR', 'malformed'],
])('%s is unreadable, %s', (code, reason) => {
  expect(failedRead(Object.assign(new Error(code), { code }))).toEqual({ state: 'unreadable', reason })
})

test.each(['ENOENT', 'ENOTDIR'])('%s is absent', (code) => {
  expect(failedRead(Object.assign(new Error(code), { code }))).toEqual({ state: 'absent' })
})
