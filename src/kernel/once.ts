/** The answer of `decide`, which is asked at the first question and never again. */
export function once<T>(decide: () => T): () => T {
  let answer: { readonly value: T } | undefined
  return () => (answer ??= { value: decide() }).value
}

/** The answers of `decide`, which is asked once about each subject. */
export function onceEach<S, T>(decide: (subject: S) => T): (subject: S) => T {
  const answers = new Map<S, { readonly value: T }>()
  return (subject) => {
    const answer = answers.get(subject) ?? { value: decide(subject) }
    answers.set(subject, answer)
    return answer.value
  }
}
