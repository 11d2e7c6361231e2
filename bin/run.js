#!/usr/bin/env node
// Kept to what Node.js 12 understands, so that an old one is told what it lacks.
const NEEDED = [20, 20]

/** Ends before there is a verdict: an exit code of 1 would read as one. */
function leave(message, hint) {
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

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  leave(
    `intremap needs Node.js ${NEEDED.join('.')} or newer, and this is ${process.versions.node}.`,
    'Install a newer Node.js, or use the executable of intremap, which brings its own.',
  )
}

import('../dist/cli/exit.js').then(
  async (exit) => {
    exit.guardProcess()
    try {
      const { main } = await import('../dist/program/main.js')
      await main(process.argv.slice(2))
    } catch (error) {
      exit.leaveWithError(error)
    }
  },
  (error) => {
    leave(
      `intremap cannot start: ${error instanceof Error ? error.message : String(error)}`,
      'In a checkout run "npm run build"; otherwise install the package again.',
    )
  },
)
