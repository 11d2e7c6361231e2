// Makes dist/: tsc checks src/ and writes the types, esbuild writes the program, oclif the manifest of its commands, so that
// a checkout and a packed package start the same way.
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { licensesOf } from './licenses.mjs'

// npx links this very checkout into its cache and prepares it once more; what `npm ci` has built serves.
if (process.env.npm_command === 'exec' && existsSync('oclif.manifest.json')) process.exit(0)

// A build asks nobody whether there is a newer oclif.
const env = { ...process.env, OCLIF_SKIP_NEW_VERSION_CHECK: 'true' }
const run = (file, ...args) => {
  execFileSync(process.execPath, [file, ...args], { stdio: 'inherit', env })
}

/** What is started or imported by name; all else becomes chunks, each loaded by who needs it. */
const entries = ['cli/exit', 'oclif/commands', 'oclif/help']

rmSync('dist', { recursive: true, force: true })
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json')
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
run('node_modules/oclif/bin/run.js', 'manifest', '.')
