import { builtinModules } from 'node:module'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TOOL_VERSION } from '../../src/report/version.js'
import { PACKAGE_ROOT } from './run-intremap.js'

const DIST = join(PACKAGE_ROOT, 'dist')
const programs = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))

/** Asked for only where commands are not compiled yet, which they are here. */
const NEVER_LOADED = new Set(['typescript'])

test('the program needs no package: all that it imports is in it or in Node.js', () => {
  expect(programs.length).toBeGreaterThan(10)
  const named = programs.flatMap((name) => {
    const text = readFileSync(join(DIST, name), 'utf8')
    return [...text.matchAll(/^(?:import|export) (?:[^'"]*? from )?["']([^"']+)["'];?$/gm)].map(
      (match) => match[1] ?? '',
    )
  })
  const builtin = new Set(builtinModules)
  const outside = named.filter(
    (name) => !name.startsWith('./') && !name.startsWith('../') && !name.startsWith('node:') && !builtin.has(name),
  )
  expect(outside.filter((name) => !NEVER_LOADED.has(name))).toEqual([])
})

test('every package whose code is in the program is named with its licence', () => {
  const licenses = readFileSync(join(DIST, 'LICENSES.txt'), 'utf8')
  const packages = programs.flatMap((name) =>
    [...readFileSync(join(DIST, name), 'utf8').matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)].map(
      (match) => match[1] ?? '',
    ),
  )
  const missing = [...new Set(packages)].filter((name) => !licenses.includes(`\n${name} `))
  expect(packages.length).toBeGreaterThan(50)
  expect(missing).toEqual([])
})

test('the version in the reports is that of the package', () => {
  expect(JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8'))).toMatchObject({ version: TOOL_VERSION })
})
