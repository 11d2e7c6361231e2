import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

test('the lock file has the sum of every package, and names no host', () => {
  const lock: unknown = JSON.parse(readFileSync(resolve('package-lock.json'), 'utf8'))
  const packages = isRecord(lock) && isRecord(lock['packages']) ? Object.entries(lock['packages']) : []
  expect(packages.length).toBeGreaterThan(100)
  const unsummed = packages.filter(([path, entry]) => path !== '' && isRecord(entry) && !('integrity' in entry))
  expect(unsummed.map(([path]) => path)).toEqual([])
  expect(packages.filter(([, entry]) => isRecord(entry) && 'resolved' in entry)).toEqual([])
})

test('an installed package brings no other with it', () => {
  const manifest: unknown = JSON.parse(readFileSync(resolve('package.json'), 'utf8'))
  const kinds = ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies']
  expect(kinds.filter((kind) => isRecord(manifest) && kind in manifest)).toEqual([])
})
