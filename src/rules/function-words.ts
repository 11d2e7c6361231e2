/** `0000:01:00.0, 0000:02:00.0 and 3 more`. */
export function functionWords(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ')
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown
}

/** The end of a sentence: which present functions it is about; nothing where there are none. */
export function affectsWords(names: readonly string[]): string {
  return names.length === 0 ? '' : ` (affects ${functionWords(names)})`
}
