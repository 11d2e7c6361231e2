import { describe, expect, test } from 'vitest'
import { importsOf, importTarget, readSources, withoutComments, type Sources } from '../support/sources.js'

/** What each part may import besides itself; docs: the dependency rules of the architecture. `index` is src/index.ts. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  index: [
    'inputs',
    'kernel-log',
    'sysroot',
    'probes',
    'report',
    'rules',
    'routes',
    'kernel',
    'machine',
    'render',
    'capture',
  ],
  // The program: the quick way to a command, and oclif for all else.
  main: ['quick', 'start-seldom', 'commands', 'oclif'],
  quick: ['cli'],
  // The quick way alone, for V8's code cache: one script of what is started often, one of the rest.
  start: ['quick', 'cli'],
  'start-often': ['start', 'commands'],
  'start-seldom': ['start', 'quick', 'commands'],
  executable: ['main', 'quick', 'cli'],
  oclif: ['commands', 'cli', 'inputs', 'report'],
  commands: ['cli', 'completion', 'inputs', 'index', 'selftest', 'fleet'],
  // Many hosts, in threads.
  fleet: ['index', 'inputs', 'report'],
  // Texts made of the commands' own tables.
  completion: ['cli'],
  manual: ['cli'],
  cli: ['inputs', 'capture', 'sysroot', 'report', 'render', 'budget', 'schemas', 'shapes'],
  // Whatever is looked at passes the redaction that captures pass.
  inputs: ['capture', 'sysroot', 'kernel-log', 'machine', 'budget', 'text', 'emulator', 'shapes'],
  render: ['report'],
  report: ['kernel-log', 'rules', 'routes', 'kernel', 'machine', 'budget', 'shapes'],
  rules: ['routes', 'kernel', 'machine'],
  routes: ['kernel', 'machine'],
  kernel: ['kernel-log', 'machine'],
  probes: ['sysroot', 'binary', 'kernel-log', 'machine', 'budget'],
  // What is described is no larger than what is read.
  emulator: ['binary', 'machine', 'budget', 'shapes'],
  capture: ['sysroot', 'kernel-log', 'machine', 'budget'],
  selftest: ['index'],
  // Every document that is printed or read, as zod has it; shapes say in sentences whether a file is such a document.
  schemas: ['rules'],
  shapes: [],
  sysroot: ['budget', 'text'],
  // Lines as people keep them, without what posts and terminals put around.
  text: [],
  binary: [],
  // Text in, messages out; captures keep what probes know.
  'kernel-log': [],
  machine: ['budget'],
  // What an opening may cost: everything that works on evidence charges it.
  budget: [],
}

/** Within a part: which of its rooms each may ask. Files in no room serve all, and ask what they join. */
const ROOMS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  render: {
    decode: ['layout'],
    diff: ['layout'],
    doctor: ['layout'],
    explain: ['layout', 'sections', 'words'],
    fleet: ['layout', 'words'],
    formats: ['layout', 'probe', 'sections', 'topology', 'words'],
    // Acronyms are expanded where lines are laid out.
    layout: ['terms'],
    lint: ['layout', 'sections'],
    probe: ['explain', 'layout', 'sections', 'words'],
    rules: ['layout', 'sections', 'terms', 'words'],
    sections: ['layout', 'words'],
    terms: ['layout', 'words'],
    // The way of interrupts as drawings and graphs.
    topology: ['layout', 'probe', 'words'],
    words: ['layout'],
  },
  report: {
    // The questions that explain asks are terms too.
    catalogue: ['explain'],
    decode: [],
    diff: ['decode'],
    doctor: ['probe'],
    fleet: [],
    // What is good enough: policies and baselines.
    gate: [],
    explain: ['probe'],
    lint: ['catalogue'],
    probe: ['explain', 'gate'],
  },
  rules: {
    acpi: ['causes'],
    causes: [],
    devices: ['causes', 'machine'],
    devicetree: [],
    // Rules of both descriptions over one map of ids.
    ids: ['acpi', 'devices', 'devicetree'],
    machine: ['causes'],
  },
}

/** Packages, each with the parts, rooms or single files that may import it. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@oclif/core': ['oclif'],
  chalk: ['render/layout/style.ts'],
  execa: ['sysroot/kernel-log.ts', 'inputs/devicetree-source.ts'],
  // Types only.
  sarif: ['render/formats/sarif.ts'],
  zod: ['schemas'],
  'modern-tar': ['sysroot', 'capture'],
}

/** Modules of Node by part or file; nothing right of the probes touches a file. */
const NODE_MODULES: Readonly<Record<string, readonly string[]>> = {
  sysroot: ['node:fs', 'node:zlib'],
  capture: ['node:fs', 'node:zlib'],
  cli: ['node:fs', 'node:tty', 'node:util'],
  // Only V8 itself gives memory back.
  'cli/collect-garbage.ts': ['node:v8', 'node:vm'],
  inputs: ['node:fs', 'node:path', 'node:sea', 'node:util', 'node:zlib'],
  oclif: ['node:util'],
  fleet: ['node:fs', 'node:os', 'node:sea', 'node:url', 'node:worker_threads'],
  // /proc/config.gz is compressed.
  'probes/kernel-configuration.ts': ['node:zlib'],
  // So is pci.ids on some distributions.
  'probes/pci-names.ts': ['node:zlib'],
}

const VAGUE_NAMES = /(?:^|[/-])(?:utils?|helpers?|common)(?:[/.-]|$)/

/** Files that lie in no room are rooms of their own. */
const partOf = (file: string) => (file.includes('/') ? (file.split('/')[0] ?? file) : file.replace(/\.ts$/, ''))

/** A file that only passes on what others export. */
function isBarrel(text: string): boolean {
  const code = withoutComments(text)
  const rest = code.replaceAll(/^\s*export\s+(?:type\s+)?(?:\*|\{[^}]*\})[^'"]*from\s*['"][^'"]+['"];?/gm, '').trim()
  return code.trim() !== '' && rest === ''
}

function permitted(rules: Readonly<Record<string, readonly string[]>>, file: string, name: string): boolean {
  return [partOf(file), file].some((key) => rules[key]?.includes(name) ?? false)
}

function edgeViolation(file: string, specifier: string, sources: Sources): string | undefined {
  if (specifier.startsWith('node:')) {
    return permitted(NODE_MODULES, file, specifier) ? undefined : `${file} may not import ${specifier}`
  }
  if (!specifier.startsWith('.')) {
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/')
    const places = PACKAGES[name] ?? []
    const isPlace = places.some((place) => file === place || file.startsWith(`${place}/`))
    return isPlace ? undefined : `${file} may not import ${name}`
  }
  const target = importTarget(file, specifier)
  if (!sources.has(target)) return `${file} imports ${target}, which is not there`
  const [from, to] = [partOf(file), partOf(target)]
  const isAllowed = from === to ? mayAsk(file, target) : ALLOWED[from]?.includes(to)
  return isAllowed ? undefined : `${file} may not import ${target}`
}

const roomOf = (file: string) => (file.split('/').length > 2 ? file.split('/')[1] : undefined)

/** Whether a file may import another of its part. */
function mayAsk(file: string, target: string): boolean {
  const rooms = ROOMS[partOf(file)]
  const [from, to] = [roomOf(file), roomOf(target)]
  return !rooms || from === undefined || to === undefined || from === to || (rooms[from]?.includes(to) ?? false)
}

/** One cycle for each file that closes one, found depth first. */
function cyclesOf(sources: Sources): readonly string[] {
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) cycles.push(`cycle: ${[...path.slice(start), file].join(' > ')}`)
    if (start >= 0 || done.has(file)) return
    for (const specifier of importsOf(sources.get(file) ?? '')) {
      if (specifier.startsWith('.')) visit(importTarget(file, specifier), [...path, file])
    }
    done.add(file)
  }
  for (const file of sources.keys()) visit(file, [])
  return cycles
}

function violationsOf(sources: Sources): readonly string[] {
  const found: string[] = []
  for (const [file, text] of sources) {
    if (!(partOf(file) in ALLOWED)) found.push(`${file} belongs to no part of the architecture`)
    const room = roomOf(file)
    const rooms = ROOMS[partOf(file)]
    if (rooms && room !== undefined && !(room in rooms)) found.push(`${file} is in a room that is not known`)
    if (VAGUE_NAMES.test(file)) found.push(`${file} has a name that says nothing`)
    if (file !== 'index.ts' && isBarrel(text)) found.push(`${file} is a barrel`)
    for (const specifier of importsOf(text)) {
      const violation = edgeViolation(file, specifier, sources)
      if (violation !== undefined) found.push(violation)
    }
  }
  return [...found, ...cyclesOf(sources)]
}

describe('the import graph', () => {
  const sources = readSources()

  test('is the one of this project', () => {
    expect(sources.size).toBeGreaterThan(50)
    const edges = [...sources.values()].reduce((sum, text) => sum + importsOf(text).length, 0)
    expect(edges).toBeGreaterThan(sources.size)
  })

  test('keeps the dependency rules', () => {
    expect(violationsOf(sources)).toEqual([])
  })
})

describe('the checker fails', () => {
  const planted = (...files: readonly (readonly [string, string])[]): Sources => new Map(files)

  const rows: readonly (readonly [string, Sources, readonly string[]])[] = [
    [
      'for an edge against the flow',
      planted(['machine/a.ts', "import { b } from '../probes/b.js'\n"], ['probes/b.ts', 'export const b = 1\n']),
      ['machine/a.ts may not import probes/b.ts'],
    ],
    [
      'for types too, over several lines',
      planted(['kernel/a.ts', "import type {\n  B,\n} from '../rules/b.js'\n"], ['rules/b.ts', 'export type B = 1\n']),
      ['kernel/a.ts may not import rules/b.ts'],
    ],
    [
      'for re-exports and dynamic imports',
      planted(
        ['render/a.ts', "export { b } from '../machine/b.js'\nconst c = await import('../cli/c.js')\n"],
        ['machine/b.ts', 'export const b = 1\n'],
        ['cli/c.ts', 'export const c = 1\n'],
      ),
      ['render/a.ts may not import machine/b.ts', 'render/a.ts may not import cli/c.ts'],
    ],
    [
      'for rooms that ask against the order, and rooms that are not known',
      planted(
        ['render/words/a.ts', "import { b } from '../probe/b.js'\nimport { c } from '../types.js'\n"],
        ['render/probe/b.ts', 'export const b = 1\n'],
        ['render/attic/c.ts', 'export const c = 1\n'],
        ['render/types.ts', 'export const c = 1\n'],
      ),
      ['render/words/a.ts may not import render/probe/b.ts', 'render/attic/c.ts is in a room that is not known'],
    ],
    [
      'for packages out of place',
      planted(
        ['render/a.ts', "import { Chalk } from 'chalk'\nimport 'zod/v4'\nimport { Flags } from '@oclif/core/flags'\n"],
        ['render/layout/style.ts', "import { Chalk } from 'chalk'\nexport const x = Chalk\n"],
        ['sysroot/b.ts', "import left from 'left-pad'\n"],
      ),
      [
        'render/a.ts may not import chalk',
        'render/a.ts may not import zod',
        'render/a.ts may not import @oclif/core',
        'sysroot/b.ts may not import left-pad',
      ],
    ],
    [
      'for files read right of the probes',
      planted(['rules/a.ts', "import { readFileSync } from 'node:fs'\n"], ['sysroot/b.ts', "import 'node:fs'\n"]),
      ['rules/a.ts may not import node:fs'],
    ],
    [
      'for cycles',
      planted(
        ['kernel/a.ts', "import { b } from './b.js'\nexport const a = b\n"],
        ['kernel/b.ts', "import { a } from './a.js'\nexport const b = a\n"],
      ),
      ['cycle: kernel/a.ts > kernel/b.ts > kernel/a.ts'],
    ],
    [
      'for barrels',
      planted(
        ['kernel/all.ts', "/** All. */\nexport * from './a.js'\nexport { b } from './a.js'\n"],
        ['kernel/a.ts', 'const b = 1\n'],
      ),
      ['kernel/all.ts is a barrel'],
    ],
    [
      'for vague names and unknown parts',
      planted(['kernel/msi-utils.ts', 'const a = 1\n'], ['common/b.ts', 'const b = 1\n']),
      [
        'kernel/msi-utils.ts has a name that says nothing',
        'common/b.ts belongs to no part of the architecture',
        'common/b.ts has a name that says nothing',
      ],
    ],
    [
      'for what is not there',
      planted(['kernel/a.ts', "import './gone.js'\n"]),
      ['kernel/a.ts imports kernel/gone.ts, which is not there'],
    ],
    ['not for comments', planted(['machine/a.ts', "// import { b } from '../probes/b.js'\nexport const a = 1\n"]), []],
  ]
  test.each(rows)('%s', (_, sources, expected) => {
    expect(violationsOf(sources)).toEqual(expected)
  })
})
