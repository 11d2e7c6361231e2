// What package managers put in its places: man pages and completions, all from the table of commands.
import { fromSource } from './source.mjs'

/** Names that bash-completion, zsh and fish look for. */
const FILES = { bash: 'intremap', zsh: '_intremap', fish: 'intremap.fish' }

/** @returns {Promise<Readonly<Record<'man' | 'completions', readonly { readonly name: string, readonly text: string }[]>>>} */
export async function manual() {
  const [{ manPages }, { COMPLETIONS }, { COMMAND_LIST }, { emulatedMachines, rules }, { TOOL_VERSION }, { PURPOSE }] =
    await fromSource(
      'manual/man-page',
      'completion/shells',
      'commands/command-list',
      'index',
      'report/version',
      'cli/purpose',
    )
  const known = { machines: emulatedMachines(), rules: rules.map(({ id }) => id) }
  return {
    man: manPages(COMMAND_LIST, { version: TOOL_VERSION, summary: PURPOSE }),
    completions: Object.entries(COMPLETIONS).map(([shell, write]) => ({
      name: FILES[shell],
      text: write(COMMAND_LIST, known),
    })),
  }
}
