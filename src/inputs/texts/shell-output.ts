const OTHER_PROMPT = /^(?:[\w.+-]{1,40}@[^#$%]{1,100}|\[[^\]]{1,100}\])[#$%](?: |$)/

/** A prompt that names its user, with nothing typed at it or a command that nothing here reads. */
export const isOtherPrompt = (text: string): boolean => OTHER_PROMPT.test(text)

/** What `ls -l` prints of a directory without names. */
export const isEmptyListing = (text: string): boolean => text === 'total 0'
