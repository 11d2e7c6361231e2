import { command, type CommandSpec } from '../cli/command-spec.js'
import { writeStdout } from '../cli/output.js'
import { COMPLETIONS, SHELLS } from '../completion/shells.js'
import { emulatedMachines, rules } from '../index.js'

/** @param commands all of the program, this one among them */
export const completionCommand = (commands: () => readonly CommandSpec[]): CommandSpec =>
  command({
    id: 'completion',
    summary: 'Print the completion script of a shell.',
    description:
      'Commands, flags, their values, bundled machines, rules, and functions and groups of this host are offered. ' +
      'Packages bring the scripts with them.',
    examples: [
      'intremap completion bash > ~/.local/share/bash-completion/completions/intremap',
      'intremap completion zsh > "${fpath[1]}/_intremap"',
      'intremap completion fish > ~/.config/fish/completions/intremap.fish',
    ],
    args: {
      shell: { description: 'The shell that it is for.', required: true, options: SHELLS },
    },
    flags: {},
    async run(_flags, args) {
      const known = { machines: emulatedMachines(), rules: rules.map(({ id }) => id) }
      // oclif has held it to the options.
      writeStdout(COMPLETIONS[args.shell ?? 'bash'](commands(), known))
      return await Promise.resolve(0)
    },
  })
