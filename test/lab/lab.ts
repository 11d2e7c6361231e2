import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { architectureOf, boot } from './boot.js'
import { CACHE } from './cache.js'
import { compareGuest, type Outcome } from './compare.js'
import { Images } from './image.js'
import { kernel } from './kernels.js'
import { MACHINES, type Machine } from './machines.js'
import { run } from './programs.js'

const SECONDS = Number(process.env['INTREMAP_LAB_SECONDS'] ?? '900')
const images = new Images()

async function prove(machine: Machine): Promise<Outcome> {
  const directory = join(CACHE, 'runs', machine.name)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const linux = kernel(architectureOf(machine), machine.series)
  await boot(machine, linux.image, images.initramfs(architectureOf(machine), linux, []), directory, SECONDS)
  rmSync(join(directory, 'initramfs'))
  try {
    run('tar', ['--no-same-owner', '-xf', 'out'], directory)
  } catch {
    // Nothing, or not all of it: the lack shows.
  }
  rmSync(join(directory, 'out'))
  if (!existsSync(join(directory, 'oracle.json')))
    throw new Error(`the guest did not come to its end; its console is ${join(directory, 'console')}`)
  return compareGuest(directory)
}

/** The command line: names of machines or beginnings of them; none means all. Gives the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const chosen = MACHINES.filter(({ name }) => words.length === 0 || words.some((word) => name.startsWith(word)))
  let failed = 0
  for (const machine of chosen) {
    const start = performance.now()
    const seconds = () => `${((performance.now() - start) / 1000).toFixed(0)} s`
    try {
      const { release, equal, asked, nobodyEqual, nobodyAsked, faults } = await prove(machine)
      const verdict = faults.length === 0 ? 'ok' : `${faults.length} FAULTS`
      console.log(
        `${machine.name}: ${verdict}, ${release}, root ${equal}/${asked}, nobody ${nobodyEqual}/${nobodyAsked}, ${seconds()}`,
      )
      for (const fault of faults) console.log(`  ${fault}`)
      if (faults.length > 0) failed++
    } catch (error) {
      failed++
      console.log(
        `${machine.name}: FAILED after ${seconds()}: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }
  return failed === 0 && chosen.length > 0 ? 0 : 1
}
