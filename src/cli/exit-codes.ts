/** What the exit codes of the program mean: one list for help and manual. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'every endpoint asked about is good enough'],
  [1, 'at least one is not isolated'],
  [2, 'of --format nagios alone: at least one is not isolated (1 with caveats)'],
  [3, 'none is bad, at least one is unknown, or there is no endpoint at all'],
  [64, 'the command line is wrong'],
  [65, 'the input cannot be parsed'],
  [66, 'no such device, group or path'],
  [70, 'internal error: no verdict was reached'],
]
