// Mutated inputs for every parser of foreign bytes: node scripts/fuzz.mjs [--runs N] [--seed N] [--from N].
// Prints what was tried, and the inputs that failed; exits 1 when one did. Input number I of a seed is always the same.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
  },
})
const numberOf = (name) => {
  const value = Number(values[name])
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(`--${name} wants a number, not "${values[name]}".`)
  process.exit(64)
}
const runs = numberOf('runs')
const seed = numberOf('seed')
const from = numberOf('from')

// Below the checkout, so that the compiled files find its dependencies.
const root = resolve(import.meta.dirname, '..')
const out = resolve(root, `coverage/fuzz-${process.pid}`)
mkdirSync(out, { recursive: true })
writeFileSync(resolve(out, 'package.json'), '{ "type": "module" }\n')
process.on('exit', () => rmSync(out, { recursive: true, force: true }))
try {
  const compiler = resolve(root, 'node_modules/typescript/bin/tsc')
  const options = ['--noEmit', 'false', '--declaration', 'false', '--emitDeclarationOnly', 'false', '--outDir', out]
  execFileSync(process.execPath, [compiler, '-p', resolve(root, 'tsconfig.test.json'), ...options], { stdio: 'pipe' })
} catch {
  console.error('The sources do not compile cleanly; what the compiler wrote is used.')
}

const { fuzz } = await import(pathToFileURL(resolve(out, 'test/support/fuzz.js')).href)
const start = performance.now()
const seconds = () => (performance.now() - start) / 1000
const progress = (done, failures) =>
  console.log(`${done} inputs, ${failures} failures, ${Math.round(done / seconds())} inputs a second`)
const { byTarget, failures, mostReads, mostValues, mostCharged } = fuzz({ runs, seed, from, progress })
for (const [name, count] of [...byTarget].sort(([, left], [, right]) => right - left))
  console.log(`  ${count} ${name}: at most ${(mostCharged.get(name) ?? 0).toFixed(1)} charged for a byte`)
console.log(`at most ${mostReads.toFixed(1)} reads and ${mostValues.toFixed(1)} values for a byte of input`)
for (const { target, index, what, input } of failures) console.log(`${target}, input ${index}: ${what}\n  ${input}`)
console.log(`${runs} inputs from ${from} of seed ${seed} in ${Math.round(seconds())} s: ${failures.length} failures`)
process.exitCode = failures.length > 0 ? 1 : 0
