// The part of vitest that the tests use, small enough to be run from the start for every mutant: what `describe`, `test` and
// the hooks collect, and running it until the first failure.
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect'
import * as chai from 'chai'

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin)
const expect = Object.assign((value, message) => chai.expect(value, message), chai.expect)
Object.assign(expect, globalThis[ASYMMETRIC_MATCHERS_OBJECT])
globalThis[GLOBAL_EXPECT] = expect
setState({ assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null }, expect)
chai.config.truncateThreshold = 40

/**
 * @typedef {() => unknown} Step
 * @typedef {{ readonly beforeAll: Step[], readonly afterAll: Step[], readonly beforeEach: Step[], readonly afterEach: Step[],
 *   readonly entries: ({ readonly suite: Suite, readonly fill: Step } | { readonly test: Step })[] }} Suite
 */

/** @returns {Suite} */
const emptySuite = () => ({ beforeAll: [], afterAll: [], beforeEach: [], afterEach: [], entries: [] })

/** A module that stands for `vitest` to one file of tests, and the suite that its calls fill. */
export function collector() {
  let current = emptySuite()
  const whole = current
  const within = async (suite, fill) => {
    const outer = current
    current = suite
    await fill()
    current = outer
  }

  /** `add(name, body)` with the ways of saying it that tests use. */
  const spoken = (add) => {
    const body = (words) => words.find((word) => typeof word === 'function') ?? (() => undefined)
    const say = (_name, ...words) => add(body(words))
    const nothing = Object.assign(() => undefined, { each: () => () => undefined })
    /** @param {readonly unknown[]} rows */
    say.each =
      (rows) =>
      (_name, ...words) => {
        const asLists = rows.every((row) => Array.isArray(row)) ? rows : rows.map((row) => [row])
        for (const row of asLists) add(() => body(words)(...row))
      }
    /** @param {boolean} condition */
    say.skipIf = (condition) => (condition ? nothing : say)
    /** @param {boolean} condition */
    say.runIf = (condition) => (condition ? say : nothing)
    return say
  }
  const describe = spoken((fill) => current.entries.push({ suite: emptySuite(), fill }))
  const test = spoken((body) => current.entries.push({ test: body }))
  const hooks = ['beforeAll', 'afterAll', 'beforeEach', 'afterEach'].map((name) => [
    name,
    (step) => current[name].push(step),
  ])
  return { whole, within, module: { describe, test, it: test, expect, ...Object.fromEntries(hooks) } }
}

/**
 * Collects a file's tests and runs the wanted ones in order until one fails.
 * @param {(module: object) => unknown} load evaluates the file with this module for `vitest`
 * @param {(index: number) => boolean} wanted
 * @param {(index: number) => void} [before] called before each test, whose number it is given
 * @returns {Promise<boolean>} whether nothing failed
 */
export async function runsWell(load, wanted, before) {
  const { whole, within, module } = collector()
  let count = 0
  const collect = async (suite) => {
    for (const entry of suite.entries) {
      if (entry.suite !== undefined) {
        await within(entry.suite, entry.fill)
        await collect(entry.suite)
      } else entry.index = count++
    }
  }
  const isWanted = (entry) => (entry.suite !== undefined ? entry.suite.entries.some(isWanted) : wanted(entry.index))
  const all = async (steps) => {
    for (const step of steps) await step()
  }
  const run = async (suite, around) => {
    const inner = { before: [...around.before, ...suite.beforeEach], after: [...suite.afterEach, ...around.after] }
    await all(suite.beforeAll)
    try {
      for (const entry of suite.entries.filter(isWanted)) {
        if (entry.suite !== undefined) await run(entry.suite, inner)
        else {
          before?.(entry.index)
          await all(inner.before)
          await entry.test()
          await all(inner.after)
        }
      }
    } finally {
      await all(suite.afterAll)
    }
  }
  try {
    await load(module)
    await collect(whole)
    await run(whole, { before: [], after: [] })
    return true
  } catch (error) {
    if (process.env.MUTATE_WHY !== undefined) console.error(error)
    return false
  }
}
