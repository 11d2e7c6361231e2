/** What stands behind the counters of a line of `/proc/interrupts`: chip, hardware number, trigger, users. */
export interface InterruptDescription {
  /** Name of the chip, which may hold blanks. */
  readonly chip: string
  /** Chip, hardware number and, where it is told, trigger or flow handler, blanks as they stand. */
  readonly interrupt: string
  /** Whether a trigger (` Edge`, ` Level`) or flow handler (`-edge`) marks the number as one. */
  readonly triggered: boolean
}

const NUMBER = /^\d+$/
const NUMBER_WITH_FLOW = /^\d+-[a-z_]+$/
const TRIGGER = /^(?:Edge|Level)$/

/**
 * Takes a description apart at its hardware number: the first number that a trigger or flow handler marks, else the first
 * number. Undefined where no number stands behind a chip. One step a word.
 */
export function readInterruptDescription(description: string): InterruptDescription | undefined {
  let chipEnd = 0
  let plain: InterruptDescription | undefined
  let before: { readonly chip: string } | undefined
  const words = /\S+/g
  for (let found = words.exec(description); found; found = words.exec(description)) {
    const { 0: word, index } = found
    const end = words.lastIndex
    // A trigger right behind a number marks it.
    if (before && TRIGGER.test(word))
      return { chip: before.chip, interrupt: description.slice(0, end), triggered: true }
    before = undefined
    if (chipEnd === 0 && index > 0) return undefined
    const chip = description.slice(0, chipEnd)
    if (chip !== '' && NUMBER_WITH_FLOW.test(word)) {
      return { chip, interrupt: description.slice(0, end), triggered: true }
    }
    if (chip !== '' && NUMBER.test(word)) {
      before = { chip }
      plain ??= { chip, interrupt: description.slice(0, end), triggered: false }
    }
    chipEnd = end
  }
  return plain
}
