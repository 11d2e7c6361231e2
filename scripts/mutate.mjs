// One change at a time to the code that decides, and whether a test notices:
// node scripts/mutate.mjs [--count N] [--seed N] [--only PATH] [--limit SECONDS] [--list] [--trust].
// Works on a copy below coverage/. Prints a line for each mutant and the figures; survivors want a test, or a reason why
// nobody could tell them from the original.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    limit: { type: 'string', default: '300' },
    list: { type: 'boolean', default: false },
    trust: { type: 'boolean', default: false },
  },
})
const [count, seed, limit] = [values.count, values.seed, values.limit].map(Number)

const KERNEL = 'test/unit/kernel'
const RULES = 'test/unit/rules'
const VECTORS = `${RULES}/vectors.test.ts`
/**
 * What decides, with the tests that say so: the near ones first, those further off for what these let pass.
 * @type {readonly (readonly [RegExp, readonly string[], readonly string[]])[]}
 */
const PLACES = [
  [
    /^src\/kernel\/ids\//,
    [`${KERNEL}/ids/collisions`, `${KERNEL}/ids/overlaps`, `${KERNEL}/ids/offsets`, `${KERNEL}/ids/id-`],
    [`${KERNEL}/ids`, `${RULES}/shared-ids`, `${RULES}/acpi-faults`, `${RULES}/devicetree-rules`, `${RULES}/lookup-`],
  ],
  [/^src\/kernel\/iort\//, [`${KERNEL}/iort/`], [`${KERNEL}/ids/iort`, `${KERNEL}/later-code`, VECTORS]],
  [
    /^src\/kernel\/devicetree\//,
    [`${KERNEL}/devicetree`],
    [`${KERNEL}/ids/tree`, `${RULES}/devicetree-rules`, VECTORS],
  ],
  [/^src\/kernel\/gate\.ts$/, [`${KERNEL}/gate`], [VECTORS, 'test/unit/routes']],
  [/^src\/kernel\/x86\//, [`${KERNEL}/x86`], [`${RULES}/x86-`, `${RULES}/causes-x86`]],
  [/^src\/kernel\//, [KERNEL], [VECTORS, `${RULES}/kernel-answers`]],
  [
    /^src\/routes\//,
    ['test/unit/routes', VECTORS],
    [`${RULES}/kernel-answers`, `${RULES}/hazards`, 'test/unit/report'],
  ],
  [/^src\/rules\/ids\//, [`${RULES}/shared-ids`, `${RULES}/acpi-faults`, `${RULES}/devicetree-rules`], [RULES]],
  [
    /^src\/rules\/[a-z]+\.ts$/,
    [VECTORS, `${RULES}/contradictions`],
    [`${RULES}/hazards`, `${RULES}/shared-ids`, RULES, `${KERNEL}/msi`],
  ],
  [/^src\/report\/explain\//, ['test/unit/report/explain'], ['test/unit/render/explain']],
  [/^src\/probes\//, ['test/unit/probes'], ['test/unit/inputs']],
  [/^src\/render\/decode\//, ['test/unit/render/decode'], ['test/unit/report/decode']],
]

const ROOT = resolve(import.meta.dirname, '..')
/** @param {string} file */
const testsOf = (file) => PLACES.find(([pattern]) => pattern.test(file))?.slice(1) ?? []

/** Comments, imports, types and the words of a rule become blanks: there is nothing to get wrong in them. */
function codeOf(text) {
  const blank = (part) => part.replaceAll(/[^\n]/g, ' ')
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, blank)
    .replaceAll(/^\s*\/\/.*$/gm, blank)
    .replaceAll(/^import [\s\S]*?from '.*'$/gm, blank)
    .replaceAll(/^(?:export )?(?:interface|type) [\s\S]*?(?=^\S|\n\n)/gm, blank)
    .replaceAll(/^ {2}(?:id|slug|title|checks|why|limits): [\s\S]*?,$/gm, blank)
}

/** What is changed, and into what. */
/** @type {readonly (readonly [string, RegExp, (found: string) => string])[]} */
const OPERATORS = [
  ['boundary', / <= /g, () => ' < '],
  ['boundary', / >= /g, () => ' > '],
  ['boundary', /(?<=[\w)\]]) < (?=[\w(])/g, () => ' <= '],
  ['boundary', /(?<=[\w)\]]) > (?=[\w(])/g, () => ' >= '],
  ['equality', / === /g, () => ' !== '],
  ['equality', / !== /g, () => ' === '],
  ['logic', / && /g, () => ' || '],
  ['logic', / \|\| /g, () => ' && '],
  ['negation', /(?<=[\s(?:])!(?=[\w(])/g, () => ''],
  ['arithmetic', / \+ /g, () => ' - '],
  ['arithmetic', / - /g, () => ' + '],
  ['number', /(?<![\w.'-])(?:0x[\da-f]+|\d+)(?![\w.'])/g, (found) => `(${found} + 1)`],
  ['truth', /\btrue\b/g, () => 'false'],
  ['truth', /(?<!: )\bfalse\b/g, () => 'true'],
  ['word', /(?<=(?:=== |\? |: |return ))'[a-z][a-z-]*'/g, () => "'mutant'"],
  ['nothing', /(?<=(?:return |\? |=> |: ))\[[^[\]\n]+\]/g, () => '[]'],
  ['dropped', /(?<=^ +if \([^\n]*\) )(?:return|continue|break)(?: [^\n{]*)?$/gm, () => '{}'],
  ['dropped', /(?<=^ +)[\w.?]+(?:\[[^\]\n]*\])?(?: = [^\n{]*[^\n{(,]|\.?\([^\n]*\))$/gm, () => ''],
]

function mutantsOf(file) {
  const text = readFileSync(resolve(ROOT, file), 'utf8')
  const code = codeOf(text)
  return OPERATORS.flatMap(([kind, pattern, change]) =>
    [...code.matchAll(pattern)].map(({ index, 0: found }) => {
      const line = code.slice(0, index).split('\n').length
      const changed = text.slice(0, index) + change(found) + text.slice(index + found.length)
      return { file, kind, line, found: found.trim(), was: text.split('\n')[line - 1].trim(), text, changed }
    }),
  )
}

/** A generator of 32 bits (mulberry32): one seed, one sample. */
let state = seed
function below(end) {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) % end
}

const files = readdirSync(resolve(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .map((name) => `src/${name}`)
  .filter((name) => name.endsWith('.ts') && testsOf(name).length > 0 && new RegExp(values.only).test(name))
  .sort()
const all = files.flatMap(mutantsOf)
const sample = Array.from({ length: Math.min(count, all.length) }, () => all.splice(below(all.length), 1)[0])
console.log(`${sample.length} of ${all.length + sample.length} mutants of ${files.length} files, seed ${seed}`)
if (values.list) for (const { file, line, kind, found } of sample) console.log(`${file}:${line} ${kind} ${found}`)
if (values.list) process.exit(0)

const copy = resolve(ROOT, `coverage/mutate-${process.pid}`)
mkdirSync(copy, { recursive: true })
process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
/** @param {string} path */
const isSource = (path) => !path.includes('/test/fixtures')
for (const name of ['src', 'test'])
  cpSync(resolve(ROOT, name), resolve(copy, name), { recursive: true, filter: isSource })
for (const name of ['package.json', 'tsconfig.json', 'tsconfig.test.json', 'vitest.config.ts'])
  cpSync(resolve(ROOT, name), resolve(copy, name))
for (const name of ['node_modules', 'test/fixtures', 'docs', 'dist'])
  symlinkSync(resolve(ROOT, name), resolve(copy, name))

/** `killed` by a test that fails, `timeout` where nothing came of it, else `survived`. */
function verdictOf(file) {
  for (const tests of testsOf(file)) {
    const options = ['run', '--pool=threads', '--maxWorkers=1', '--no-isolate', '--bail=1', '--reporter=dot', ...tests]
    const env = { ...process.env, INTREMAP_CAPTURES: '/nowhere', INTREMAP_CORPUS: '/nowhere' }
    const vitest = resolve(ROOT, 'node_modules/vitest/vitest.mjs')
    const run = spawnSync(process.execPath, [vitest, ...options], {
      cwd: copy,
      env,
      timeout: limit * 1000,
      stdio: 'ignore',
    })
    if (run.error !== undefined) return 'timeout'
    if (run.status !== 0) return 'killed'
  }
  return 'survived'
}

// A copy whose tests fail by themselves would kill every mutant; `--trust` leaves the look at it out.
for (const file of values.trust ? [] : new Map(sample.map(({ file }) => [String(testsOf(file)), file])).values()) {
  if (verdictOf(file) === 'survived') continue
  console.error(`The tests of ${file} do not pass as it stands.`)
  process.exit(1)
}

const totals = new Map()
for (const { file, kind, line, found, was, text, changed } of sample) {
  const place = resolve(copy, file)
  writeFileSync(place, changed)
  const verdict = verdictOf(file)
  writeFileSync(place, text)
  totals.set(verdict, (totals.get(verdict) ?? 0) + 1)
  console.log(`${verdict.padEnd(8)} ${file}:${line} ${kind} "${found}" in: ${was}`)
}
console.log([...totals].map(([verdict, number]) => `${number} ${verdict}`).join(', '))
