/** The answer of `decide`, which is asked at the first question and never again. */
export function once<T>(decide: () => T): () => T {
  let answer: { readonly value: T } | undefined
  return () => (answer ??= { value: decide() }).value
}
