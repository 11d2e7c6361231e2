import type { DESCRIPTION_SCHEMA } from './schema/description-schema.js'
import type { emulateMachine } from './emulate.js'
import type { parseMachineDescription } from './parse-description.js'

interface Emulator {
  readonly emulateMachine: typeof emulateMachine
  readonly parseMachineDescription: typeof parseMachineDescription
  readonly DESCRIPTION_SCHEMA: typeof DESCRIPTION_SCHEMA
}

/** The emulator with its schema. Loaded when asked for: forty files that no other command needs at its start. */
export async function loadEmulator(): Promise<Emulator> {
  const [emulator, parser, schema] = await Promise.all([
    import('./emulate.js'),
    import('./parse-description.js'),
    import('./schema/description-schema.js'),
  ])
  return {
    emulateMachine: emulator.emulateMachine,
    parseMachineDescription: parser.parseMachineDescription,
    DESCRIPTION_SCHEMA: schema.DESCRIPTION_SCHEMA,
  }
}
