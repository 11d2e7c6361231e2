/** What weakens an isolated verdict, as a noun that fits the last column of the table, by the rule that found it. */
const CAVEAT_WORDS: ReadonlyMap<string, string> = new Map([
  ['IR003', 'guest'],
  ['IR005', 'open SMMU'],
  ['IR007', 's390 area'],
  ['IR104', 'untranslated DMA'],
  ['IR110', 'ATS'],
  ['IR111', 'no ACS'],
  ['IR112', 'other doorbell'],
  ['IR113', 'DeviceIDs twice'],
  ['IR114', 'uneven ids'],
  ['IR115', 'DeviceID too large'],
  ['IR117', 'ids of others'],
  ['IR210', 'unmapped ids'],
  ['IR211', 'overlapping ids'],
  ['IR212', 'miscounted ids'],
  ['IR213', 'single mapping'],
  ['IR214', 'shared ids'],
  ['IR215', 'uneven offset'],
  ['IR216', 'segment twice'],
  ['IR304', 'masked ids'],
  ['IR305', 'differing masks'],
  ['IR306', 'unmapped ids'],
  ['IR312', 'overlapping ids'],
  ['IR313', 'shared ids'],
  ['IR316', 'uneven offset'],
])

/** The word for the caveat of a rule; its id where it has none. */
export const caveatWord = (rule: string): string => CAVEAT_WORDS.get(rule) ?? rule

/** The word, and the rule behind it for who wants to look it up. */
export function caveatWithRule(rule: string): string {
  const word = CAVEAT_WORDS.get(rule)
  return word === undefined ? rule : `${word} (${rule})`
}
