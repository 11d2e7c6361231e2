import { parseArgs } from 'node:util'
import type { CommandSpec } from '../cli/command-spec.js'
import { UsageError } from '../cli/errors.js'
import { optionsOf } from '../cli/plain-words.js'
import { nearest } from '../inputs/nearest.js'

const isNamed = (value: unknown): value is { readonly name: string } =>
  typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string'

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

interface Fault {
  readonly message: string
  readonly path?: string
  /** Goes before where help is to be found. */
  readonly hint?: string
}

/** What is wrong with the value of a flag that takes one. */
function faultOfFlag(
  name: string,
  value: string | undefined,
  options: readonly string[] | undefined,
): Fault | undefined {
  const path = `--${name}`
  if (value === undefined)
    return { message: `${path} needs ${options ? `one of these values: ${options.join(', ')}` : 'a value'}`, path }
  if (!options || options.includes(value)) return undefined
  return { message: `${path} is ${value}, but has to be one of: ${options.join(', ')}`, path }
}

/** What is wrong with the words that are no flags and no values of them. */
function faultOfArguments(args: CommandSpec['args'], words: readonly string[]): Fault | undefined {
  for (const [index, { options, multiple }] of Object.values(args).entries()) {
    const word = words[index]
    if (word !== undefined && !multiple && options?.includes(word) === false)
      return { message: `the argument is ${word}, but has to be one of: ${options.join(', ')}` }
  }
  return undefined
}

/**
 * What is wrong with values, of which oclif's parser has words alone. Nothing where a word may be an unknown flag: of
 * that the parser says which.
 */
function faultOfValues({ flags, args }: CommandSpec, words: readonly string[]): Fault | undefined {
  const options = optionsOf(flags)
  const { tokens } = parseArgs({ args: [...words], options, strict: false, allowPositionals: true, tokens: true })
  const isFlag = (word: string) =>
    Object.entries(flags).some(
      ([name, { char }]) => word === `--${name}` || (char !== undefined && word === `-${char}`),
    )
  const given = new Set<string>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const { name, value, inlineValue } = token
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
    if (!flag) return undefined
    if (flag.kind === 'boolean') continue
    if (given.has(name) && flag.multiple !== true) return { message: `--${name} is given twice`, path: `--${name}` }
    given.add(name)
    const isNext = value !== undefined && !inlineValue && isFlag(value)
    const fault = faultOfFlag(name, isNext ? undefined : value, flag.kind === 'choice' ? flag.options : undefined)
    if (fault) return fault
  }
  return faultOfArguments(
    args,
    tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : [])),
  )
}

/** What oclif's parser found wrong. Its own messages are several lines, some with colours. */
function faultOfError({ flags }: CommandSpec, error: Error): Fault {
  const unknown = 'flags' in error ? listed(error.flags).map(String) : []
  const [flag] = unknown
  if (flag !== undefined) {
    const [meant] = nearest(flag.startsWith('--') ? flag.slice(2) : flag, Object.keys(flags), 1)
    const hint = meant === undefined ? {} : { hint: `Perhaps --${meant} is meant. ` }
    return { message: `unknown flag ${unknown.join(', ')}`, path: flag, ...hint }
  }
  const args = 'args' in error ? listed(error.args) : []
  // Those that are missing come as the table has them, those that nobody asked for as they were written.
  const missing = args.filter(isNamed).map(({ name }) => name.toUpperCase())
  const [first] = missing
  if (first !== undefined) return { message: `missing argument ${missing.join(', ')}`, path: first }
  const [unexpected] = args.map(String)
  if (unexpected !== undefined) return { message: `unexpected argument ${args.join(', ')}`, path: unexpected }
  return { message: error.message.split('\n', 1)[0] ?? '' }
}

function usageError(command: string, { message, path, hint = '' }: Fault): UsageError {
  const at = path === undefined ? {} : { path }
  return new UsageError(message, { ...at, hint: `${hint}intremap ${command} --help shows what it takes.` })
}

/**
 * What a command's parser makes of its words; whatever is wrong with them is a usage error.
 *
 * @param parse asks oclif
 */
export async function parsed<T>(spec: CommandSpec, words: readonly string[], parse: () => Promise<T>): Promise<T> {
  const fault = faultOfValues(spec, words)
  if (fault) throw usageError(spec.id, fault)
  try {
    return await parse()
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof Error)) throw error
    throw usageError(spec.id, faultOfError(spec, error))
  }
}
