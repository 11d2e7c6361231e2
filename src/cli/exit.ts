import { escapeText } from '../render/layout/escape.js'
import { toJson } from '../render/formats/json.js'
import { describeError, errorLines, type ErrorObject } from './errors.js'
import { writeStderr, writeStdout } from './output.js'

export type ExitCode = 0 | 1 | 2 | 3 | ErrorObject['exitCode']

let left = false

/** The codes with which a command ends that came to an answer; 2 is a monitoring plug-in's. */
export const isExitCode = (value: unknown): value is ExitCode => [0, 1, 2, 3].some((code) => code === value)

/** Ends the process. Every path goes through here, so that a crash never looks like a verdict. */
export function leave(code: ExitCode): never {
  left = true
  // Writes are synchronous, so nothing is pending that this could cut off.
  process.exit(code)
}

const FORMAT_JSON = /^--format=json$/

/** Read from the words themselves: the error may be that they cannot be parsed. */
function wantsJson(): boolean {
  const words = process.argv
  return words.some((word, index) => {
    return word === '--json' || FORMAT_JSON.test(word) || (word === '--format' && words[index + 1] === 'json')
  })
}

function errorText({ error }: ErrorObject, lines: readonly string[]): string {
  const place = error.path === 'none' || error.message.includes(error.path) ? '' : `${escapeText(error.path)}: `
  const hint = error.hint === 'none' ? '' : `${escapeText(error.hint)}\n`
  return `intremap: ${place}${lines.map((line) => escapeText(line)).join('\n')}\n${hint}`
}

/** Reports an error as the contract says, as an object on standard output or as text on standard error, and leaves. */
export function leaveWithError(error: unknown): never {
  let code: ExitCode = 70
  try {
    const description = describeError(error)
    code = description.exitCode
    if ((process.env['DEBUG'] ?? '') !== '' && error instanceof Error) writeStderr(`${error.stack ?? error.message}\n`)
    if (wantsJson()) writeStdout(toJson(description))
    else writeStderr(errorText(description, errorLines(error)))
  } catch {
    // Reporting failed, for instance on a full disk; the exit code is what is left to tell it.
  }
  leave(code)
}

/** Installs the net under everything: what is thrown outside any call, and a process that ends without an answer. */
export function guardProcess(): void {
  process.on('uncaughtException', leaveWithError)
  process.on('unhandledRejection', leaveWithError)
  process.on('exit', () => {
    if (!left) leaveWithError(new Error('the run ended before there was an answer'))
  })
}
