import type { emulateMachine } from '../emulator/emulate.js'
import type { ParsedDescription } from '../emulator/parse-description.js'
import { publishedSchema } from './published-schema.js'

interface Emulator {
  readonly emulateMachine: typeof emulateMachine
  /** Takes parsed JSON for a machine description, or says where it is wrong, by the published schema and beyond it. */
  readonly parseMachineDescription: (json: unknown) => ParsedDescription
}

/** The emulator with its schema. Loaded when asked for: forty files that no other command needs at its start. */
export async function loadEmulator(): Promise<Emulator> {
  const [{ emulateMachine }, { parseMachineDescription }] = await Promise.all([
    import('../emulator/emulate.js'),
    import('../emulator/parse-description.js'),
  ])
  const schema = publishedSchema('description')
  return { emulateMachine, parseMachineDescription: (json) => parseMachineDescription(json, schema) }
}
