/** The emulator with its schema. Loaded when asked for: forty files that no other command needs at its start. */
export async function loadEmulator() {
  const [{ emulateMachine }, { parseMachineDescription }, { DESCRIPTION_SCHEMA }] = await Promise.all([
    import('./emulate.js'),
    import('./parse-description.js'),
    import('./description-schema.js'),
  ])
  return { emulateMachine, parseMachineDescription, DESCRIPTION_SCHEMA }
}
