/** How the bytes are reached. The same words as in the report's `source.kind`. */
export interface Origin {
  readonly kind: 'live' | 'sysroot' | 'bundle' | 'emulated'
  readonly name: string
  /** What was recognised, where evidence was told by its content. */
  readonly inputs?: readonly RecognisedInput[]
  /** What texts tell in two ways, in words. */
  readonly contradictions?: readonly string[]
  /** The file and line of a text that told what stands at a path; `excerpt` is what was read there. */
  readonly placeOf?: (path: string, excerpt?: string) => { readonly file: string; readonly line: number } | undefined
  /** What a listing among the evidence calls the functions, by their addresses with segment; no evidence itself. */
  readonly names?: ReadonlyMap<string, string>
}

/** One thing that was recognised among the evidence. */
export interface RecognisedInput {
  /** The file as it was named, or a file inside of what was named. */
  readonly file: string
  /** As people call it: `lspci`, `dmesg`, `capture`. */
  readonly kind: string
  /** Its size, and how much of it told something, both counted in `unit`. */
  readonly total: number
  readonly used: number
  readonly unit: 'lines' | 'functions' | 'groups' | 'tables' | 'machine'
}

/**
 * Why a read failed. `malformed`: the path leads to something that is not what was asked for. `not-collected`: whoever
 * took the machine's files did not look there, or could not.
 */
export type ReadFailure = 'permission' | 'io' | 'malformed' | 'too-large' | 'not-collected'

/** Something of an archive that was passed over or is not believed. Free of control characters. */
export interface PassedOver {
  /** As the archive has it; the empty string for the archive itself. */
  readonly path: string
  readonly problem: string
}
