import { collectGarbage } from '../cli/collect-garbage.js'
import { openInput } from '../cli/open-input.js'
import { probeMachine, type InputSelection, type Machine } from '../index.js'

/**
 * PCI functions from which what reading leaves behind is given back before judging. V8 would wait until twice as much is in
 * use, which is after the end: a fifth of all memory at 30,000 functions, for a hundredth of the time.
 */
const MANY_FUNCTIONS = 10_000

/** Reads the machine that was asked for; `evidence` is what stands on the command line without a flag. */
export async function probeInput(selection: InputSelection, evidence: readonly string[] = []): Promise<Machine> {
  const machine = probeMachine(await openInput(selection, evidence))
  const { functions } = machine
  if (functions.state === 'known' && functions.value.length >= MANY_FUNCTIONS) collectGarbage()
  return machine
}
