import { NotFoundError as ReportNotFoundError } from '../report/not-found.js'
import { BundleError } from '../sysroot/bundle-error.js'
import { CommandError, InputError, NotFoundError } from '../inputs/errors.js'
import { nearest } from '../inputs/nearest.js'
import { systemErrorWords } from '../inputs/system-error.js'

export { InputError, NotFoundError, UsageError } from '../inputs/errors.js'

/** Names that a message still lists; more of them help nobody. */
const NAMES_SHOWN = 8

/** Version of the error object; fields are only added within a major. */
const ERROR_SCHEMA_VERSION = '1.0.0'

/** What stands in for a report under --json when none could be made. */
export interface ErrorObject {
  readonly schema: 'intremap/error'
  readonly schemaVersion: string
  readonly error: {
    readonly code: 'usage' | 'input' | 'not-found' | 'internal'
    readonly message: string
    readonly path: string
    readonly hint: string
  }
  readonly exitCode: 64 | 65 | 66 | 70
}

function notOnThisMachine({ kind, asked, available }: ReportNotFoundError): NotFoundError {
  const left = available.length - NAMES_SHOWN
  // Of many, those that may have been meant.
  const named = left > 0 && kind === 'device' ? nearest(asked, available, NAMES_SHOWN) : []
  const names = (named.length > 0 ? named : available.slice(0, NAMES_SHOWN)).join(', ')
  const what = kind === 'device' ? 'PCI function' : 'IOMMU group'
  return new NotFoundError(`this machine has no ${what} ${asked}`, {
    path: asked,
    hint:
      available.length === 0
        ? `It has no ${what} at all.`
        : `It has ${names}${left > 0 ? ` and others, ${available.length} in all` : ''}.`,
  })
}

function fromCommandError(error: CommandError): ErrorObject {
  const { code, path, hint, exitCode, mistakes } = error
  const message = mistakes.length === 0 ? error.message : `${error.message}: ${mistakes.join('; ')}`
  return {
    schema: 'intremap/error',
    schemaVersion: ERROR_SCHEMA_VERSION,
    error: { code, message, path, hint },
    exitCode,
  }
}

interface InternalError {
  readonly message: string
  readonly hint: string
}

function bug(error: unknown): InternalError {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return {
    message: `internal error, no verdict was reached: ${message}`,
    hint: 'Please report this with the bundle or a copy of the tree that was probed; DEBUG=1 shows the stack.',
  }
}

/** Standard output is full, or its device broke: nobody's bug, but no verdict either. */
const isFailedWrite = (error: unknown) => error instanceof Error && 'syscall' in error && error.syscall === 'write'

function failedWrite(error: unknown): InternalError {
  return {
    message: `the output could not be written: ${systemErrorWords(error)}`,
    hint: 'What was printed is incomplete; write it somewhere else.',
  }
}

/** The contract's error object for whatever was thrown; what is of none of the classes is an internal error. */
export function describeError(error: unknown): ErrorObject {
  if (error instanceof CommandError) return fromCommandError(error)
  if (error instanceof BundleError) return fromCommandError(new InputError(error.message, { path: error.path }))
  if (error instanceof ReportNotFoundError) return fromCommandError(notOnThisMachine(error))
  const { message, hint } = isFailedWrite(error) ? failedWrite(error) : bug(error)
  return {
    schema: 'intremap/error',
    schemaVersion: ERROR_SCHEMA_VERSION,
    error: {
      code: 'internal',
      message,
      path: 'none',
      hint,
    },
    exitCode: 70,
  }
}

/** The message of what was thrown in lines for people: where several things are wrong, a line for each. */
export function errorLines(error: unknown): readonly string[] {
  const several = error instanceof CommandError && error.mistakes.length > 0
  return several
    ? [error.message, ...error.mistakes.map((mistake) => `  ${mistake}`)]
    : [describeError(error).error.message]
}
