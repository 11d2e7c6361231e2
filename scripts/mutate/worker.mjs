// The process that plays mutants: it compiles each bundle of tests once and evaluates it anew for every question.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Script } from 'node:vm'
import { configureGlobal } from 'fast-check'
import { runsWell } from './suite.mjs'

// A drawn example that fails is enough: nobody reads the smallest one.
configureGlobal({ endOnFailure: true })

let active = 0
/** A one for each number that was asked for since the last look. */
let met = new Uint8Array()
const watched = (number) => {
  met[number] = 1
  return false
}
const played = (number) => number === active
for (const name of ['log', 'info', 'warn']) console[name] = () => undefined
process.on('unhandledRejection', () => undefined)

const evaluated = new Map()
/** @param {string} bundle @returns {(module: object) => unknown} */
function loaderOf(bundle) {
  if (!evaluated.has(bundle)) {
    const wrapped = `(function (require, module, exports) {${readFileSync(bundle, 'utf8')}\n})`
    evaluated.set(bundle, new Script(wrapped, { filename: bundle }).runInThisContext())
  }
  const require = createRequire(bundle)
  return (vitest) => {
    const module = { exports: {} }
    evaluated.get(bundle)((name) => (name === 'vitest' ? vitest : require(name)), module, module.exports)
  }
}

/** Milliseconds that this process has computed: other work on the machine is not counted. */
const spent = () => process.cpuUsage().user / 1000

/**
 * What each test of a bundle asks for, and how long it takes; the first entry is what loading asks for by itself.
 * @param {string} bundle @param {number} count of all mutants
 */
async function survey(bundle, count) {
  globalThis.__mutant = watched
  met = new Uint8Array(count + 1)
  const parts = []
  let began = spent()
  const close = () => {
    parts.push({ met, time: spent() - began })
    met = new Uint8Array(count + 1)
    began = spent()
  }
  const passes = await runsWell(loaderOf(bundle), () => true, close)
  close()
  return { passes, parts }
}

/** @param {string} bundle @param {number} mutant @param {readonly number[]} tests */
async function play(bundle, mutant, tests) {
  globalThis.__mutant = played
  active = mutant
  return { passes: await runsWell(loaderOf(bundle), (index) => tests.includes(index)) }
}

process.on('message', ({ bundle, count, mutant, tests }) => {
  const answer = count === undefined ? play(bundle, mutant, tests) : survey(bundle, count)
  void answer.then((said) => process.send(said))
})
