import type { CommandSpec } from '../cli/command-spec.js'
import { UsageError } from '../cli/errors.js'
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

/**
 * What is wrong with values, of which oclif's parser has words alone. Nothing where a word may be an unknown flag: of
 * that the parser says which.
 */
function faultOfValues({ flags, args }: CommandSpec, words: readonly string[]): Fault | undefined {
  const byWord = new Map(
    Object.entries(flags).flatMap(([name, flag]) =>
      [`--${name}`, ...(flag.char === undefined ? [] : [`-${flag.char}`])].map(
        (word) => [word, { name, flag }] as const,
      ),
    ),
  )
  const isFlag = (word: string | undefined) => word !== undefined && byWord.has(word)
  const given = new Set<string>()
  const rest: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--') {
      for (const plain of words.slice(at + 1)) rest.push(plain)
      break
    }
    const end = word.indexOf('=')
    const found = byWord.get(word) ?? (end < 0 ? undefined : byWord.get(word.slice(0, end)))
    if (!found && word.startsWith('-') && word !== '-') return undefined
    if (!found) {
      rest.push(word)
      continue
    }
    const { name, flag } = found
    if (flag.kind === 'boolean') continue
    if (given.has(name) && flag.multiple !== true) return { message: `--${name} is given twice`, path: `--${name}` }
    given.add(name)
    const isApart = byWord.has(word)
    const value = isApart ? words[++at] : word.slice(end + 1)
    const options = flag.kind === 'choice' ? flag.options : undefined
    const fault = faultOfFlag(name, isApart && isFlag(value) ? undefined : value, options)
    if (fault) return fault
  }
  for (const [index, { options, multiple }] of Object.values(args).entries()) {
    const word = rest[index]
    if (word !== undefined && !multiple && options?.includes(word) === false)
      return { message: `the argument is ${word}, but has to be one of: ${options.join(', ')}` }
  }
  return undefined
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
