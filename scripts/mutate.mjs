// One change at a time to the code that decides, and whether a test notices:
// node scripts/mutate.mjs [--only PATTERN] [--tests PATTERN] [--count N] [--seed N] [--budget MS] [--again FILE] [--list].
// All mutants are compiled into one copy of src/ (mutate/mutants-of.mjs). Every unit test is run once to see which mutants it
// meets, which is kept below coverage/ for the next time; then each mutant is played to the tests that meet it, those first
// that killed its neighbours, then those of its own folder, then the cheapest, until one fails or the budget is spent
// (`cut`). Prints a line for each that survives, and the figures of each folder; `--again` plays those alone that such a list
// names, of the same source. Survivors want a test, or a reason why nobody could tell them from the original: then a line in
// mutate/equivalent.txt, as the survivor was printed but for the number of its line.
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'
import { deserialize, serialize } from 'node:v8'
import { gunzipSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { withMutants } from './mutate/mutants-of.mjs'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '^src/(kernel/|routes/|rules/(base|evaluate|verdict)|render/decode/devicetree)' },
    tests: { type: 'string', default: '^test/unit/|^scripts/mutate/' },
    count: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    budget: { type: 'string', default: '2500' },
    again: { type: 'string', default: '' },
    list: { type: 'boolean', default: false },
  },
})
const ROOT = resolve(import.meta.dirname, '..')
const OUT = resolve(ROOT, `node_modules/.mutants-${process.pid}`)
const started = Date.now()
const seconds = () => ((Date.now() - started) / 1000).toFixed(0)
/** How many mutants of each folder were killed, survived and so on: said at the end, also of a run that was stopped. */
const rooms = new Map()
process.on('exit', () => {
  rmSync(OUT, { recursive: true, force: true })
  for (const [room, totals] of rooms) console.log(room, JSON.stringify(totals))
  console.log(`${seconds()} s`)
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

/** @param {string} folder @param {string} pattern @param {string} ending @returns {readonly string[]} */
const filesOf = (folder, pattern, ending) =>
  readdirSync(resolve(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .filter((name) => name.endsWith(ending) && new RegExp(pattern).test(name))
    .sort()

/** @type {{ readonly file: string, readonly line: number, readonly place: string }[]} */
const mutants = []
const texts = new Map()
const short = (text) => text.replaceAll(/\s+/g, ' ').trim().slice(0, 100)
for (const file of filesOf('src', values.only, '.ts')) {
  const source = readFileSync(resolve(ROOT, file), 'utf8')
  const { text, mutants: own } = withMutants(source, mutants.length + 1)
  const lines = source.split('\n')
  const alike = new Map()
  for (const { line, kind, was, becomes } of own) {
    const change = ` ${kind} \`${short(was)}\` -> \`${short(becomes)}\` in ${short(lines[line - 1])}`
    const nth = (alike.get(change) ?? 0) + 1
    alike.set(change, nth)
    mutants.push({ file, line, place: nth === 1 ? change : `${change} #${nth}` })
  }
  texts.set(resolve(ROOT, file), text)
}
/** @param {number} number of a mutant: one and up */
const lineOf = (number) => {
  const { file, line, place } = mutants[number - 1]
  return `${file}:${line}${place}`
}
/** `SURVIVOR: REASON` a line: no test can notice these. The text of the line tells one from its neighbours. */
const EQUIVALENT = readFileSync(resolve(import.meta.dirname, 'mutate/equivalent.txt'), 'utf8').split('\n')
const places = mutants.map(({ file, place }) => `${file}${place}: `)
const isEquivalent = (number) => EQUIVALENT.some((line) => line.startsWith(places[number - 1]))
for (const line of EQUIVALENT)
  if (texts.has(resolve(ROOT, line.split(' ')[0])) && !places.some((place) => line.startsWith(place)))
    console.log(`no longer there: ${line}`)

/** A generator of 32 bits (mulberry32): one seed, one sample. */
let state = Number(values.seed)
function below(end) {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) % end
}
const listed = values.again === '' ? undefined : readFileSync(values.again, 'utf8').split('\n')
const numbers = mutants.flatMap((_, index) =>
  listed === undefined || listed.some((line) => line.endsWith(lineOf(index + 1))) ? [index + 1] : [],
)
const wanted = Math.min(Number(values.count), numbers.length)
const sample = Array.from({ length: wanted }, () => numbers.splice(below(numbers.length), 1)[0]).sort((a, b) => a - b)
console.log(`${sample.length} of ${mutants.length} mutants of ${texts.size} files, seed ${values.seed}`)
// No end of the process by itself: what the console still has for a pipe would be lost.
if (values.list) for (const number of sample.splice(0)) console.log(lineOf(number))

const esbuildPlugin = {
  name: 'mutants',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/(?:src|test|scripts)\/.*\.(?:ts|mjs)$/ }, ({ path }) => {
      const text = texts.get(path) ?? readFileSync(path, 'utf8')
      const contents = text
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
      return { contents, loader: 'ts' }
    }),
}
/** @param {readonly string[]} files of tests @returns {Promise<readonly string[]>} those that can be bundled */
async function bundled(files) {
  try {
    await build({
      entryPoints: files.map((file) => resolve(ROOT, file)),
      outdir: OUT,
      outbase: ROOT,
      outExtension: { '.js': '.cjs' },
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node20.20',
      packages: 'external',
      logLevel: 'silent',
      plugins: [esbuildPlugin],
    })
    return files
  } catch (error) {
    // `await` at the top of a file is no part of a function.
    const refused = new Set(error.errors?.map(({ location }) => relative(ROOT, resolve(ROOT, location.file))))
    const others = files.filter((file) => !refused.has(file))
    if (others.length === files.length) throw error
    for (const file of refused) console.log(`left out: ${file} cannot be bundled`)
    return bundled(others)
  }
}

/** Milliseconds that a process has computed: what else the machine does must not look like a mutant that never ends. */
function computed(pid) {
  const [, , , , , , , , , , , user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(user) + Number(system)) * 10
}

/** The process that plays them, started anew where it did not answer in time or fell. */
let worker
/**
 * @param {object} question
 * @param {number} limit in milliseconds of its processor, and twenty times as long where it only waits
 */
function ask(question, limit) {
  worker ??= fork(resolve(ROOT, 'scripts/mutate/worker.mjs'), {
    cwd: ROOT,
    execArgv: ['--max-old-space-size=2000'],
    serialization: 'advanced',
  })
  const [before, began] = [computed(worker.pid), Date.now()]
  return new Promise((done) => {
    const end = (answer) => {
      clearInterval(timer)
      worker.removeAllListeners()
      if (answer === undefined) {
        worker.kill('SIGKILL')
        worker = undefined
      }
      done(answer)
    }
    const isOver = () => computed(worker.pid) - before > limit || Date.now() - began > limit * 20
    const timer = setInterval(() => isOver() && end(), 250)
    worker.on('message', end)
    worker.on('exit', () => end())
    worker.send(question)
  })
}

/** What a bundle's tests meet, from an earlier run where neither they nor the source changed since. */
async function surveyOf(bundle) {
  const digest = createHash('sha256').update(readFileSync(bundle)).digest('hex')
  const kept = resolve(ROOT, `coverage/mutate/${digest}.gz`)
  try {
    return deserialize(gunzipSync(readFileSync(kept)))
  } catch {
    const answer = await ask({ bundle, count: mutants.length }, 90_000)
    if (answer?.passes === true) writeFileSync(kept, gzipSync(serialize(answer), { level: 1 }))
    return answer
  }
}

mkdirSync(resolve(ROOT, 'coverage/mutate'), { recursive: true })
const tests =
  sample.length === 0
    ? []
    : await bundled([
        ...filesOf('test', values.tests, '.test.ts'),
        ...filesOf('scripts/mutate', values.tests, '.test.ts'),
      ])
/** Milliseconds up to which tests of a file are played together; one that takes longer than the last is not played. */
const TIERS = [20, 200, 2000]
/** Milliseconds of tests that a mutant gets at most. */
const BUDGET = Number(values.budget)
/** Which tests meet a mutant: their bundle, their numbers in it, and the milliseconds that they take. */
const meetings = new Map(sample.map((number) => [number, []]))
for (const test of tests) {
  const bundle = resolve(OUT, test.replace(/\.ts$/, '.cjs'))
  const answer = await surveyOf(bundle)
  if (answer?.passes !== true) {
    console.log(`left out: ${test} does not pass here`)
    continue
  }
  const [loading, ...each] = answer.parts
  for (const number of sample)
    for (const [tier, limit] of TIERS.entries()) {
      const isMet = ({ met, time }) =>
        (met[number] === 1 || loading.met[number] === 1) && time <= limit && time > (TIERS[tier - 1] ?? -1)
      const indices = each.flatMap((part, index) => (isMet(part) ? [index] : []))
      const time = indices.reduce((sum, index) => sum + each[index].time, loading.time)
      if (indices.length > 0) meetings.get(number).push({ bundle, tests: indices, time })
    }
}
console.log(`${tests.length} files of tests looked at, ${seconds()} s`)

/** @param {number} number of a mutant @returns {Promise<string>} what became of it */
async function verdictOf(number, killers) {
  if (isEquivalent(number)) return 'equivalent'
  const runs = meetings.get(number)
  if (runs.length === 0) return 'unmet'
  const own = resolve(OUT, dirname(mutants[number - 1].file).replace('src', 'test/unit'))
  const rank = ({ bundle }) => killers.lastIndexOf(bundle) + (dirname(bundle) === own ? 0.5 : 0)
  let [spent, isCut] = [0, false]
  for (const { bundle, tests: indices, time } of runs.sort((a, b) => rank(b) - rank(a) || a.time - b.time)) {
    if (spent + time > BUDGET) isCut = true
    if (spent + time > BUDGET) continue
    spent += time
    const answer = await ask({ bundle, mutant: number, tests: indices }, 3000 + 10 * time)
    if (answer?.passes === true) continue
    if (time < 400) killers.push(bundle)
    return answer !== undefined ? 'killed' : 'timeout'
  }
  return isCut ? 'cut' : 'survived'
}

let killers = []
let file = ''
for (const number of sample) {
  if (mutants[number - 1].file !== file) killers = []
  file = mutants[number - 1].file
  const verdict = await verdictOf(number, killers)
  const room = dirname(file)
  const totals = rooms.get(room) ?? {}
  totals[verdict] = (totals[verdict] ?? 0) + 1
  rooms.set(room, totals)
  if (verdict !== 'killed' && verdict !== 'equivalent') console.log(`${verdict.padEnd(8)} ${lineOf(number)}`)
}
worker?.kill()
