// Compiles src/ to dist/ and writes the command manifest, so that a checkout and a packed package start the same way.
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'

// npx links this very checkout into its cache and prepares it once more; what `npm ci` has built serves.
if (process.env.npm_command === 'exec' && existsSync('oclif.manifest.json')) process.exit(0)

// A build asks nobody whether there is a newer oclif.
const env = { ...process.env, OCLIF_SKIP_NEW_VERSION_CHECK: 'true' }
const run = (file, ...args) => {
  execFileSync(process.execPath, [file, ...args], { stdio: 'inherit', env })
}

rmSync('dist', { recursive: true, force: true })
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json')
run('node_modules/oclif/bin/run.js', 'manifest', '.')
