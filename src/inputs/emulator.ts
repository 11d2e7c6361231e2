import type { emulateMachine } from '../emulator/emulate.js'
import type { ParsedDescription } from '../emulator/parse-description.js'
import { readPackageJson } from './package-files.js'

interface Emulator {
  readonly emulateMachine: typeof emulateMachine
  /** Takes parsed JSON for a machine description, or says where it is wrong, by the published schema and beyond it. */
  readonly parseMachineDescription: (json: unknown) => ParsedDescription
}

/** The emulator with its schema. Loaded when asked for: forty files that no other command needs at its start. */
export async function loadEmulator(): Promise<Emulator> {
  const [{ emulateMachine }, { parseMachineDescription }, { isDescriptionSchema }] = await Promise.all([
    import('../emulator/emulate.js'),
    import('../emulator/parse-description.js'),
    import('../emulator/json-schema.js'),
  ])
  const schema = readPackageJson('dist/schemas/description.json')
  if (!isDescriptionSchema(schema)) throw new Error('dist/schemas/description.json is not the schema of descriptions')
  return { emulateMachine, parseMachineDescription: (json) => parseMachineDescription(json, schema) }
}
