import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../', import.meta.url))
/** Its folders are one deep, so that `../../` is the package from their files, as from each file of src/ and dist/. */
const OUTPUT = `${root}node_modules`

/**
 * Modules of src/ for a script: the program as it is shipped has none that could be imported one by one.
 * @param {readonly string[]} paths below src/, without the ending
 * @returns {Promise<readonly Record<string, unknown>[]>} in the order of the paths
 */
export async function fromSource(...paths) {
  // A module is imported once by its name, so that each call needs a place of its own.
  const directory = `${OUTPUT}/.source-${process.pid}-${randomUUID()}`
  await build({
    entryPoints: Object.fromEntries(paths.map((path, index) => [`entry-${index}`, `${root}src/${path}.ts`])),
    outdir: directory,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.20',
    packages: 'external',
    logLevel: 'warning',
  })
  // Modules that are loaded only when asked for have to stay until the end.
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true })
  })
  return await Promise.all(paths.map((_, index) => import(pathToFileURL(`${directory}/entry-${index}.js`).href)))
}
