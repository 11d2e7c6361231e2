import { run, type Config } from '@oclif/core'
import { UsageError } from '../cli/errors.js'
import { isExitCode, leave } from '../cli/exit.js'
import { nearest } from '../inputs/nearest.js'
import { writeStdout } from '../cli/output.js'
import { IntremapHelp } from './help.js'
import { loadProgram } from './program.js'

const HELP_FLAGS = ['--help', '-h']

function assertCommand(config: Config, words: readonly string[]): void {
  const [id] = words
  const names = config.commandIDs.join(', ')
  if (id === undefined || (!HELP_FLAGS.includes(id) && words.every((word) => word.startsWith('-')))) {
    throw new UsageError('no command given', {
      hint: `Try "intremap probe", or one of: ${names}. --help explains them.`,
    })
  }
  if (HELP_FLAGS.includes(id) || config.findCommand(id)) return
  if (id.startsWith('-')) {
    throw new UsageError(`unknown flag ${id} before the command`, {
      path: id,
      hint: 'Flags follow the command: intremap probe --json',
    })
  }
  const meant = nearest(id, config.commandIDs, 1)
  throw new UsageError(`unknown command ${id}`, {
    path: id,
    hint: `${meant.length > 0 ? `Near it: ${meant.join(', ')}. ` : ''}There are: ${names}. intremap --help explains them.`,
  })
}

/** Runs one command line and leaves with its exit code; throws what went wrong. */
export async function runCommandLine(words: readonly string[]): Promise<never> {
  const config = await loadProgram()
  const [first, ...rest] = words
  if (first === '--version' || first === '-v') {
    writeStdout(`${config.name} ${config.version} (node ${process.version}, ${process.platform} ${process.arch})\n`)
    leave(0)
  }
  const argv = first === 'help' ? [...rest, '--help'] : [...words]
  assertCommand(config, argv)
  const end = argv.indexOf('--')
  if (argv.slice(0, end < 0 ? argv.length : end).some((word) => HELP_FLAGS.includes(word))) {
    await new IntremapHelp(config).showHelp(argv)
    leave(0)
  }
  const result: unknown = await run(argv, config)
  if (isExitCode(result)) leave(result)
  // A command that forgets its code must not look like a good verdict.
  throw new Error(`the command ${argv[0] ?? ''} ended without an exit code`)
}
