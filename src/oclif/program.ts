import { Config, Plugin, type Command, type Interfaces } from '@oclif/core'
import { PURPOSE } from '../cli/purpose.js'
import { readPackageJson } from '../inputs/package-files.js'
import { TOOL_VERSION } from '../report/version.js'
import { COMMANDS } from './commands.js'

/** Flags and arguments of all commands in oclif's form, written by the build: help needs them all. */
const COMMAND_LIST = 'dist/commands.json'

/** What oclif would read from package.json. */
const PROGRAM: Interfaces.PJSON = {
  name: 'intremap',
  version: TOOL_VERSION,
  oclif: {
    bin: 'intremap',
    dirname: 'intremap',
    description: PURPOSE,
    additionalHelpFlags: ['-h'],
    exitCodes: { default: 70 },
  },
}

function isManifest(value: unknown): value is Interfaces.Manifest {
  return typeof value === 'object' && value !== null && 'commands' in value && 'version' in value
}

/** The commands of this program, known without a look at the file system: the executable has none beside it. */
class Program extends Plugin {
  override async load(): Promise<void> {
    const manifest = readPackageJson(COMMAND_LIST)
    if (!isManifest(manifest)) throw new Error(`${COMMAND_LIST} lists no commands`)
    this.pjson = PROGRAM
    this.name = PROGRAM.name
    this.alias = PROGRAM.name
    this.version = PROGRAM.version
    this.root = this.options.root
    this.type = 'core'
    this.moduleType = 'module'
    this.isRoot = true
    this.valid = true
    this.hooks = {}
    this.manifest = manifest
    this.commandIDs = Object.keys(manifest.commands)
    this.commands = Object.entries(manifest.commands).map(([id, command]) => ({
      ...command,
      load: async () => await this.findCommand(id, { must: true }),
    }))
    await Promise.resolve()
  }

  override async findCommand(id: string, options: { readonly must: true }): Promise<Command.Class>
  override async findCommand(id: string, options?: { readonly must: boolean }): Promise<Command.Class | undefined>
  override async findCommand(id: string, options?: { readonly must: boolean }): Promise<Command.Class | undefined> {
    const found = Object.hasOwn(COMMANDS, id) ? COMMANDS[id] : undefined
    if (!found && options?.must === true) throw new Error(`the command ${id} is not there`)
    return await Promise.resolve(found)
  }
}

/** What oclif asks of a configuration, without a file of colours from the home directory: help is one for all. */
class ProgramConfig extends Config {
  override async loadTheme(): Promise<undefined> {
    return await Promise.resolve(undefined)
  }
}

/** The program as oclif wants it described. */
export async function loadProgram(): Promise<Config> {
  // Plugins would be looked for in the home directory, which need not exist nor be readable.
  const options = { root: '/', userPlugins: false, devPlugins: false, pjson: PROGRAM }
  const program = new Program({ name: PROGRAM.name, root: options.root, isRoot: true })
  await program.load()
  const config = new ProgramConfig({ ...options, plugins: new Map([[program.name, program]]) })
  await config.load()
  return config
}
