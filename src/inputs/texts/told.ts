/** Where something was told: a file as the user named it, and a line of it from 1. */
export interface Place {
  readonly file: string
  readonly line: number
}

/** What a text told of one thing. Told twice, and not alike, nobody can tell. */
export type Told<T> =
  | { readonly value: T; readonly place: Place }
  | { readonly value: 'contradicted'; readonly place: Place }

/** Adds what a text tells to what was told before. */
export function told<T extends string | number>(before: Told<T> | undefined, value: T, place: Place): Told<T> {
  if (before === undefined) return { value, place }
  return before.value === value ? before : { value: 'contradicted', place: before.place }
}
