import type { CommandSpec } from '../cli/command-spec.js'
import { bashCompletion } from './bash.js'
import { fishCompletion } from './fish.js'
import type { KnownWords } from './offers.js'
import { zshCompletion } from './zsh.js'

/** The shells that have a script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

/** The script of each shell. */
export const COMPLETIONS: Readonly<
  Record<(typeof SHELLS)[number], (commands: readonly CommandSpec[], known: KnownWords) => string>
> = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }
