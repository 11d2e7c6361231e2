// Whole runs of programs, in turn: CPU and wall-clock time, memory. Used by benchmark.mjs.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

const WARM_UP_ROUNDS = 1
const TIME = '/usr/bin/time'

// Node 20 parses these certificates at its start, which takes longer than the whole start without them.
const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...environment } = process.env
export { environment }

/** Sorted copy, and the value below which `share` of the values lie. */
export const quantile = (numbers, share) => numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) * share)]
export const median = (numbers) => quantile(numbers, 0.5)

/** One run: wall-clock and CPU time in milliseconds. bash tells the times of its child to the millisecond. */
function measure(words) {
  const start = performance.now()
  const { output, error } = spawnSync(
    'bash',
    ['-c', 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null 2>&1', 'bash', ...words],
    {
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  const wall = performance.now() - start
  if (error) throw error
  const [user, system] = String(output[2]).trim().split(' ').map(Number)
  return { wall, cpu: 1000 * (user + system) }
}

/** Largest resident set in MB; undefined where GNU time is not there to tell it. */
function memoryOf(words, file) {
  if (!existsSync(TIME)) return undefined
  spawnSync(TIME, ['-q', '-f', '%M', '-o', file, ...words], { env: environment, stdio: 'ignore' })
  return Number(readFileSync(file, 'utf8').trim().split('\n').at(-1)) / 1024
}

/**
 * Every variant once a round, so that a load on the machine falls on all of them.
 * @param {readonly { name: string, words: readonly string[] }[]} variants the first is what the others are compared with
 */
export function wholeRuns(variants, rounds, directory) {
  const runs = variants.map(() => [])
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const [index, { words }] of variants.entries()) {
      const run = measure(words)
      if (round >= 0) runs[index].push(run)
    }
  }
  const [bare] = runs
  return variants.map(({ name, words }, index) => {
    const own = runs[index]
    const ratio = median(own.map(({ cpu }, round) => cpu / bare[round].cpu))
    return {
      name,
      cpu: median(own.map(({ cpu }) => cpu)),
      ratio,
      wall: quantile(
        own.map(({ wall }) => wall),
        0.25,
      ),
      memory: memoryOf(words, `${directory}/memory`),
    }
  })
}
