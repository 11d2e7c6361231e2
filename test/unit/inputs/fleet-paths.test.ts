import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { NotFoundError } from '../../../src/inputs/errors.js'
import { fleetPaths } from '../../../src/inputs/fleet-paths.js'
import { temporaryDirectory } from '../../support/temporary-directories.js'

const circle = () => {
  const path = join(temporaryDirectory(), 'circle')
  symlinkSync('circle', path)
  return path
}

test.each([
  ['is not there', () => join(temporaryDirectory(), 'missing'), 'there is no such file'],
  ['is a link to itself', circle, 'in a circle'],
  ['has a name too long', () => 'x'.repeat(300), 'cannot be opened'],
  ['lies below a file', () => `${import.meta.filename}/below`, 'is no directory'],
])('a named path that %s is told, and is no fault of the program', (_, path, words) => {
  expect(() => [...fleetPaths([path()])]).toThrow(NotFoundError)
  expect(() => [...fleetPaths([path()])]).toThrow(words)
})
