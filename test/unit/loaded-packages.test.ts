import { describe, expect, test } from 'vitest'
import { QUICK } from '../../src/main.js'
import { importsOf, importTarget, readSources, withoutComments, type Sources } from '../support/sources.js'

const isSource = (name: string) => name.endsWith('.ts')

/** Small, and a part of what most runs do. */
const ALWAYS_LOADED = new Set(['modern-tar', 'chalk', 'sarif'])

/** Files and packages that are loaded with these, or, where `lazily` says so, by request later. */
function reachedFrom(sources: Sources, files: readonly string[], lazily: boolean): ReadonlySet<string> {
  const reached = new Set<string>()
  const visit = (file: string): void => {
    if (reached.has(file)) return
    reached.add(file)
    const text = withoutComments(sources.get(file) ?? '')
    for (const specifier of importsOf(lazily ? text : text.replaceAll(/\bimport\(/g, 'lazily('))) {
      if (specifier.startsWith('.')) visit(importTarget(file, specifier))
      else if (!specifier.startsWith('node:')) reached.add(specifier)
    }
  }
  for (const file of files) visit(file)
  return reached
}

/** Packages that are loaded at once with these files and that no quick start pays for. */
function heavyPackages(sources: Sources, files: readonly string[]): readonly string[] {
  return [...reachedFrom(sources, files, false)].filter((name) => !isSource(name) && !ALWAYS_LOADED.has(name))
}

describe('what a start loads', () => {
  const sources = readSources()

  test('reaches oclif and execa from no part of the library or of a quick start but by request', () => {
    // What a quick start loads: an entry, and one of the commands that it names.
    const commands = Object.keys(QUICK).map((name) => `commands/${name}.ts`)
    expect(commands.filter((file) => !sources.has(file))).toEqual([])
    const entries = ['index.ts', 'main.ts', 'start-often.ts', 'start-seldom.ts']
    expect(heavyPackages(sources, [...entries, ...commands])).toEqual([])
  })

  test('reaches zod from nothing that is shipped: schemas are printed by the build', () => {
    const reached = reachedFrom(
      sources,
      ['index.ts', 'main.ts', 'executable.ts', 'oclif/commands.ts', 'cli/exit.ts'],
      true,
    )
    expect(reached.has('commands/schema.ts')).toBe(true)
    expect([...reached].filter((name) => name === 'zod' || /^schemas\/.*schemas?\.ts$/.test(name))).toEqual([])
  })

  test('is heavy with oclif on the way of a quick start, by whatever detour', () => {
    const files = (form: string) =>
      new Map([
        ['main.ts', "import { a } from './cli/a.js'\n"],
        ['cli/a.ts', `export const a = 1\n${form}\n`],
        ['oclif/b.ts', "import { run } from '@oclif/core'\nimport { execa } from 'execa'\n"],
      ])
    expect(heavyPackages(files("export { b } from '../oclif/b.js'"), ['main.ts'])).toEqual(['@oclif/core', 'execa'])
    expect(heavyPackages(files("const b = await import('../oclif/b.js')"), ['main.ts'])).toEqual([])
  })
})
