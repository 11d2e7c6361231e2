#!/usr/bin/env node
// Before anything else can fail: an exit code of 1 would read as a verdict.
let exit
try {
  exit = await import('../dist/cli/exit.js')
} catch (error) {
  const message = `intremap cannot start: ${error instanceof Error ? error.message : String(error)}`
  const hint = 'In a checkout run "npm run build"; otherwise install the package again.'
  const description = {
    schema: 'intremap/error',
    schemaVersion: '1.0.0',
    error: { code: 'internal', message, path: 'none', hint },
    exitCode: 70,
  }
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(description, undefined, 2)}\n`)
  else process.stderr.write(`${message}\n${hint}\n`)
  process.exit(70)
}

exit.guardProcess()
// Not awaited here: about a top-level await that never settles newer releases of Node print a warning of their own.
void run()

async function run() {
  try {
    const { main } = await import('../dist/cli/main.js')
    await main(process.argv.slice(2))
  } catch (error) {
    exit.leaveWithError(error)
  }
}
