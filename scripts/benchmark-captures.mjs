// Opens, probes and judges all bundles of a directory in this process, again and again; prints what the rounds took as JSON.
// Usage: node scripts/benchmark-captures.mjs DIRECTORY ROUNDS
import { readdirSync } from 'node:fs'
import { buildReport, openSysroot, probeMachine } from '../dist/library/index.js'
import { timed } from './benchmark-timed.mjs'

const [directory = '', rounds = ''] = process.argv.slice(2)
const files = readdirSync(directory).filter((file) => file.endsWith('.tar.gz'))
const taken = []
for (let round = 0; round < Number(rounds); round++) {
  /** Milliseconds of opening, probing and judging. */
  const sums = [0, 0, 0]
  for (const file of files) {
    const opened = await timed(() => openSysroot({ bundle: `${directory}/${file}` }))
    const probed = await timed(() => probeMachine(opened.result))
    const judged = await timed(() => JSON.stringify(buildReport(probed.result)))
    for (const [index, { cpu }] of [opened, probed, judged].entries()) sums[index] += cpu
  }
  taken.push({ captures: files.length, sums, memory: process.memoryUsage().rss })
}
console.log(JSON.stringify(taken))
