interface Details {
  /** The file, flag or device it is about. */
  readonly path?: string
  /** What to do next, one sentence. */
  readonly hint?: string
  /** What is wrong with the input one by one, where the message only sums it up. */
  readonly mistakes?: readonly string[]
}

/** What a user is told when no report can be made; each class has its exit code. */
export abstract class CommandError extends Error {
  abstract readonly code: 'usage' | 'input' | 'not-found'
  abstract readonly exitCode: 64 | 65 | 66
  readonly path: string
  readonly hint: string
  readonly mistakes: readonly string[]

  constructor(message: string, { path = 'none', hint = 'none', mistakes = [] }: Details = {}) {
    super(message)
    this.path = path
    this.hint = hint
    this.mistakes = mistakes
  }
}

/** The command line is wrong. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError'
  readonly code = 'usage'
  readonly exitCode = 64
}

/** The input is there but cannot be parsed. */
export class InputError extends CommandError {
  override readonly name = 'InputError'
  readonly code = 'input'
  readonly exitCode = 65
}

/** No such device, group, machine or path. */
export class NotFoundError extends CommandError {
  override readonly name = 'NotFoundError'
  readonly code = 'not-found'
  readonly exitCode = 66
}
