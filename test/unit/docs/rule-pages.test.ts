import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { causePage } from '../../../src/render/rules/cause-page.js'
import { rulePages } from '../../../src/render/rules/rule-page.js'
import { causeCatalogue } from '../../../src/report/catalogue/cause-catalogue.js'
import { ruleCatalogue, type RuleDescription } from '../../../src/report/catalogue/rule-catalogue.js'
import { rules } from '../../../src/rules/registry.js'

const DIRECTORY = new URL('../../../docs/rules/', import.meta.url)

describe('docs/rules', () => {
  const pages = rulePages(ruleCatalogue(rules))

  test('has exactly one page for each rule, and the index', () => {
    expect(existsSync(DIRECTORY) ? readdirSync(DIRECTORY).sort() : []).toEqual(pages.map(({ name }) => name).sort())
    expect(pages).toHaveLength(rules.length + 1)
  })

  test.each(pages)('$name is current (node scripts/rule-pages.mjs)', ({ name, text }) => {
    expect(readFileSync(new URL(name, DIRECTORY), 'utf8')).toBe(text)
  })
})

test('docs/causes.md is current (node scripts/rule-pages.mjs)', () => {
  const page = new URL('../../../docs/causes.md', import.meta.url)
  expect(existsSync(page) ? readFileSync(page, 'utf8') : '').toBe(causePage(causeCatalogue()))
})

test('a page says everything the rule says, and nothing of it becomes markup', () => {
  const rule: RuleDescription = {
    id: 'IR999',
    slug: 'made-up',
    title: 'Made <up>',
    scope: 'device',
    severity: 'high',
    effect: 'caveat',
    checks: 'The `a` of *-map-mask.',
    why: 'An ITS is an ITS.',
    remedy: [{ actor: 'configuration', text: 'Do it.', machines: [] }],
    limits: 'Cannot see | pipes.',
    references: [{ kind: 'linux', title: 'Linux', locator: 'drivers/of/base.c: of_map_id' }],
  }
  const page = rulePages({ schema: 'intremap/rules', schemaVersion: '1.0.0', rules: [rule] })[1]
  expect(page?.name).toBe('IR999-made-up.md')
  expect(page?.text.split('\n').slice(2)).toEqual([
    '# IR999: Made \\<up\\>',
    '',
    'Severity high; about a device; puts a caveat on the verdict.',
    '',
    '## What is checked',
    '',
    'The \\`a\\` of \\*-map-mask.',
    '',
    '## Why it matters',
    '',
    'An ITS (interrupt translation service) is an ITS.',
    '',
    '## What to do',
    '',
    '- **administrator**: Do it.',
    '',
    '## What it cannot see',
    '',
    'Cannot see \\| pipes.',
    '',
    '## References',
    '',
    '- Linux: drivers/of/base.c: of_map_id',
    '',
  ])
})
