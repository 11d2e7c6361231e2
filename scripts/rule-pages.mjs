// Writes docs/rules/ and docs/causes.md from rules and causes, and removes pages of rules that are no more.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fromSource } from './source.mjs'

const [{ ruleCatalogue, rules }, { rulePages }, { causePage }, { causeCatalogue }] = await fromSource(
  'index',
  'render/rules/rule-page',
  'render/rules/cause-page',
  'report/catalogue/cause-catalogue',
)

const directory = new URL('../docs/rules/', import.meta.url)
mkdirSync(directory, { recursive: true })
const pages = rulePages(ruleCatalogue(rules))
const names = new Set(pages.map(({ name }) => name))
for (const name of readdirSync(directory)) if (!names.has(name)) rmSync(new URL(name, directory))
for (const { name, text } of pages) writeFileSync(new URL(name, directory), text)
console.log(`${pages.length} pages in docs/rules`)
writeFileSync(new URL('../docs/causes.md', import.meta.url), causePage(causeCatalogue()))
