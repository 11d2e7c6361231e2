// Makes dist/: tsc checks src/ and writes the types, esbuild writes the program, oclif lists its commands, and man pages,
// completions and schemas are printed, so that a checkout and a packed package start the same way.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Plugin } from '@oclif/core'
import { build } from 'esbuild'
import { LATE_PACKAGE, ONE_SCRIPT, PROGRAM_FLAGS, QUICK_SCRIPTS } from './bundle.mjs'
import { licensesOf } from './licenses.mjs'
import { manual } from './manual.mjs'
import { schemas } from './schemas.mjs'

const COMMAND_LIST = 'dist/commands.json'

// npx links this very checkout into its cache and prepares it once more; what `npm ci` has built serves.
if (process.env.npm_command === 'exec' && existsSync(COMMAND_LIST)) process.exit(0)

/** What is started or imported by name; all else becomes chunks, each loaded by who needs it. */
const entries = ['cli/exit', 'oclif/commands', 'fleet/worker']

rmSync('dist', { recursive: true, force: true })
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], { stdio: 'inherit' })
const { metafile } = await build({
  // Every output lies two folders deep: `../../` is the package from each of them, as from each file of src/.
  entryPoints: Object.fromEntries([
    ['library/index', 'src/index.ts'],
    ['program/main', 'src/main.ts'],
    ...entries.map((entry) => [entry, `src/${entry}.ts`]),
  ]),
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  // oclif compiles commands that are not built yet; these are.
  external: ['typescript'],
  target: 'node20.20',
  // Whose code it is stands in one file beside it.
  legalComments: 'none',
  metafile: true,
  // CommonJS packages ask for Node's own modules with require().
  banner: {
    js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
  },
  logLevel: 'warning',
})
writeFileSync('dist/LICENSES.txt', licensesOf(Object.keys(metafile.inputs)))

// The quick commands once more, in scripts: V8 keeps compiled code of scripts, not of the modules that Node.js loads.
const quick = `${process.cwd()}/dist/quick`
await build({
  ...ONE_SCRIPT,
  entryPoints: QUICK_SCRIPTS,
  outdir: quick,
  outExtension: { '.js': '.cjs' },
  target: 'node20.20',
})
for (const name of Object.keys(QUICK_SCRIPTS)) {
  const cache = `${quick}/${name}-${process.version}-${process.arch}.cache`
  // By the time a package is asked for V8 has been told; code that was compiled under other flags is not taken.
  const flags = name === LATE_PACKAGE ? PROGRAM_FLAGS : []
  const words = ['--predictable', ...flags, 'scripts/code-cache.mjs', `${quick}/${name}.cjs`, cache]
  // Pipes, since what kind of thing standard error is shows in what V8 compiles.
  execFileSync(process.execPath, words, { stdio: 'pipe' })
}

const { name, version, type } = JSON.parse(readFileSync('package.json', 'utf8'))
const commands = { strategy: 'explicit', target: './dist/oclif/commands.js', identifier: 'COMMANDS' }
const plugin = new Plugin({
  root: process.cwd(),
  isRoot: true,
  ignoreManifest: true,
  pjson: { name, version, type, oclif: { commands } },
})
await plugin.load()
writeFileSync(COMMAND_LIST, JSON.stringify(plugin.manifest))

for (const [folder, files] of Object.entries({ ...(await manual()), schemas: await schemas() })) {
  mkdirSync(`dist/${folder}`)
  for (const { name, text } of files) writeFileSync(`dist/${folder}/${name}`, text)
}
