import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'vitest/node'
import { describe, expect, test, vi } from 'vitest'
import { whyNotLinear } from '../support/linear-pattern.js'

describe('a pattern that backtracks', () => {
  test.each([
    ['^(a+)+$', ''],
    ['^(?:a|a)*$', ''],
    ['^a*a*$', ''],
    ['^\\S.*?\\s+\\d+ ', ''],
    ['\\s+$', ''],
    ['a.*b', ''],
    ['a(?:.*b)?', 'g'],
    ['^Linux version (\\d+\\.\\d+[\\w.+~-]*) $', ''],
    ['^\\d+\\.\\d+[\\w.+~-]*$', ''],
    ['(?=.*x)a', ''],
    ['(?:[^\\s"]|"[^"]*(?:"|$))+', 'g'],
    ['^(?:\\w{1,40}){1,40}$', ''],
  ])('%s is found', (source, flags) => {
    expect(whyNotLinear(source, flags)).toBeDefined()
  })

  test.each([
    ['^a+b+$', ''],
    ['^[a-z]+=(.*)$', ''],
    ['\\d+', 'g'],
    ['^pci=.*(?:config_acs|disable_acs_redir)', ''],
    ['ITS@0x[0-9a-f]+: failed', ''],
    ['^(?:\\.\\./)+bus/(\\w+)$', ''],
    ['^\\s{0,16}[0-9a-f]{4,16}:', ''],
    ['\\s*\\S+', 'y'],
    ['^CPU: \\d{1,4} of \\d{1,4}$', ''],
  ])('%s is none', (source, flags) => {
    expect(whyNotLinear(source, flags)).toBeUndefined()
  })

  test('refers back to a group', () => {
    expect(() => whyNotLinear('^(a+)b\\1$', '')).toThrow('a reference back')
  })
})

interface Found {
  readonly place: string
  readonly source: string
  readonly flags: string
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Every pattern that a file spells out, and every place where it makes one of a text. */
function patternsOf(
  file: string,
  text: string,
): { readonly literals: readonly Found[]; readonly made: readonly string[] } {
  const literals: Found[] = []
  const made: string[] = []
  const waiting: unknown[] = [parseAst(text, { lang: 'ts' })]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (!isObject(node)) continue
    const line = typeof node['start'] === 'number' ? text.slice(0, node['start']).split('\n').length : 0
    const { regex, callee } = node
    if (isObject(regex)) {
      literals.push({ place: `${file}:${line}`, source: String(regex['pattern']), flags: String(regex['flags']) })
    }
    if (isObject(callee) && callee['name'] === 'RegExp') made.push(file)
    for (const value of Object.values(node)) if (isObject(value)) waiting.push(value)
  }
  return { literals, made }
}

/**
 * Files that make a pattern of a text, with what the text is: constants, names of options and of drivers, the
 * shape of a description that this project wrote, the catalogue of kernel messages, the closed list of reasons.
 */
const OF_TEXTS: readonly string[] = [
  'capture/redacted-kernel-files.ts',
  'kernel-log/message.ts',
  'probes/kernel-configuration.ts',
  'render/terms/expansions.ts',
  'report/explain/route-report.ts',
  'report/probe/absence-as-value.ts',
  'rules/causes/undriven-iommu.ts',
  'schemas/gate-schema.ts',
  'shapes/schema-check.ts',
]

describe('the patterns of the program', () => {
  const root = fileURLToPath(new URL('../../src/', import.meta.url))
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const found = files.sort().map((file) => patternsOf(file, readFileSync(`${root}${file}`, 'utf8')))

  test('take linearly many steps, all of them', () => {
    const literals = found.flatMap((file) => file.literals)
    expect(literals.length).toBeGreaterThan(200)
    const faults = literals.flatMap(({ place, source, flags }) => {
      const why = whyNotLinear(source, flags)
      return why === undefined ? [] : [`${place} /${source}/${flags}: ${why}`]
    })
    expect(faults).toEqual([])
  })

  test('are made of nothing that a machine says', () => {
    expect([...new Set(found.flatMap(({ made }) => made))]).toEqual(OF_TEXTS)
  })

  test('take linearly many steps where they are put together', async () => {
    const made: { readonly source: string; readonly flags: string }[] = []
    const native = RegExp
    vi.stubGlobal(
      'RegExp',
      new Proxy(native, {
        construct: (_, [source, flags]: [string | RegExp, string?]) => {
          const pattern = new native(source, flags)
          made.push({ source: pattern.source, flags: pattern.flags })
          return pattern
        },
      }),
    )
    try {
      vi.resetModules()
      await import('../../src/capture/redacted-kernel-files.js')
      await import('../../src/probes/kernel-configuration.js')
      await import('../../src/render/terms/expansions.js')
      await import('../../src/kernel-log/messages.js')
    } finally {
      vi.unstubAllGlobals()
    }
    expect(made.length).toBeGreaterThan(4)
    expect(made.flatMap(({ source, flags }) => (whyNotLinear(source, flags) === undefined ? [] : [source]))).toEqual([])
  })
})
