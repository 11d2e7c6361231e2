/** How the bytes are reached. The same words as in the report's `source.kind`. */
export interface Origin {
  readonly kind: 'live' | 'sysroot' | 'bundle' | 'emulated'
  readonly name: string
}

/**
 * Why a read failed. `malformed`: the path leads to something that is not what was asked for. `not-collected`: whoever
 * took the machine's files did not look there, or could not.
 */
export type ReadFailure = 'permission' | 'io' | 'malformed' | 'too-large' | 'not-collected'
