import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { ArgumentSpec, CommandSpec, FlagSpec, ParsedWords } from './command-spec.js'

type Options = NonNullable<ParseArgsConfig['options']>

/** A flag table as `parseArgs` of Node.js wants it; how often a flag may be given is asked of what it finds. */
export function optionsOf(flags: CommandSpec['flags']): Options {
  return Object.fromEntries(
    Object.entries(flags).map(([name, spec]) => [
      name,
      {
        type: spec.kind === 'boolean' ? ('boolean' as const) : ('string' as const),
        multiple: true,
        ...(spec.char === undefined ? {} : { short: spec.char }),
      },
    ]),
  )
}

type Given = readonly (string | boolean)[]

/** The value of a flag; undefined where another parser has to decide, or to say what is wrong. */
function flagValue(spec: FlagSpec, given: Given): { readonly value: ParsedWords['flags'][string] } | undefined {
  if (spec.kind === 'boolean') return given.length > 1 ? undefined : { value: given.length > 0 }
  const texts = given.filter((one) => typeof one === 'string')
  // An empty value, and one that may be a flag, are for the other parser.
  if (texts.length !== given.length || texts.some((text) => text === '' || text.startsWith('-') !== (text === '-')))
    return undefined
  if (spec.kind === 'choice' && !texts.every((text) => spec.options.includes(text))) return undefined
  if (spec.multiple) return { value: texts.length > 0 ? texts : undefined }
  if (texts.length > 1) return undefined
  return { value: texts[0] ?? (spec.kind === 'choice' ? spec.default : undefined) }
}

function argumentValues(
  table: readonly (readonly [string, ArgumentSpec])[],
  words: readonly string[],
): ParsedWords['args'] | undefined {
  const values: Record<string, ParsedWords['args'][string]> = {}
  let next = 0
  for (const [name, { required, multiple, options }] of table) {
    if (multiple) {
      values[name] = words.slice(next)
      next = words.length
      continue
    }
    const word = words[next]
    if (word === undefined ? required : options && !options.includes(word)) return undefined
    values[name] = word
    next++
  }
  return next < words.length ? undefined : values
}

/**
 * The flags and arguments of a command line of which every word is plainly understood; undefined for all else, which is
 * oclif's to parse, to refuse or to explain. It never takes a word otherwise than oclif does.
 *
 * @param words behind the command's name
 */
export function plainWords(spec: CommandSpec, words: readonly string[]): ParsedWords | undefined {
  if (words.some((word) => word === '' || word === '--' || /^-[^-]./.test(word))) return undefined
  let parsed
  try {
    const options = optionsOf(spec.flags)
    parsed = parseArgs({ args: [...words], options, strict: true, allowPositionals: true, allowNegative: false })
  } catch {
    return undefined
  }
  const given: Readonly<Record<string, unknown>> = parsed.values
  const flags: Record<string, ParsedWords['flags'][string]> = {}
  for (const [name, flag] of Object.entries(spec.flags)) {
    const list = given[name] ?? []
    if (!Array.isArray(list)) return undefined
    const value = flagValue(
      flag,
      list.filter((one): one is string | boolean => typeof one === 'string' || typeof one === 'boolean'),
    )
    if (!value) return undefined
    flags[name] = value.value
  }
  const args = argumentValues(Object.entries(spec.args), parsed.positionals)
  return args && { flags, args }
}
