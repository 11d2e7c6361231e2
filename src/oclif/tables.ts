import { Args, Flags, type Interfaces } from '@oclif/core'
import type { ArgumentSpec, ArgumentTable, CommandSpec, FlagSpec, FlagTable, ParsedWords } from '../cli/command-spec.js'

function oclifFlag(spec: FlagSpec) {
  const char = spec.char === undefined ? {} : { char: shortForm(spec.char) }
  const texts = { summary: spec.summary, helpGroup: spec.group, ...char }
  switch (spec.kind) {
    case 'boolean':
      return Flags.boolean(texts)
    case 'string': {
      const shown = { ...texts, helpValue: spec.value }
      return spec.multiple ? Flags.string({ ...shown, multiple: true, multipleNonGreedy: true }) : Flags.string(shown)
    }
    case 'choice': {
      const value = spec.value === undefined ? {} : { helpValue: spec.value }
      const shown = { ...texts, ...value, options: [...spec.options] }
      if (spec.multiple) return Flags.string({ ...shown, multiple: true, multipleNonGreedy: true })
      return Flags.string({ ...shown, ...(spec.default === undefined ? {} : { default: spec.default }) })
    }
  }
}

const LETTERS = ['o'] as const

function shortForm(char: string): (typeof LETTERS)[number] {
  const letter = LETTERS.find((one) => one === char)
  if (letter === undefined) throw new Error(`-${char} is not among the short forms`)
  return letter
}

/** A flag table as oclif wants it. */
export function oclifFlags(table: FlagTable): Interfaces.FlagInput {
  return Object.fromEntries(Object.entries(table).map(([name, spec]) => [name, oclifFlag(spec)]))
}

function oclifArgument({ description, required, multiple, options }: ArgumentSpec) {
  // Standard input is evidence: an argument that is missing is never read from it.
  const shown = { description, ignoreStdin: true, ...(options === undefined ? {} : { options: [...options] }) }
  if (multiple) return Args.string({ ...shown, multiple: true })
  return Args.string({ ...shown, required: required ?? false })
}

/** An argument table as oclif wants it. */
export function oclifArguments(table: ArgumentTable): Interfaces.ArgInput {
  return Object.fromEntries(Object.entries(table).map(([name, spec]) => [name, oclifArgument(spec)]))
}

type Values = ParsedWords['flags']

function asValue(value: unknown): Values[string] {
  if (typeof value === 'boolean' || typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(String)
  return undefined
}

/** What oclif's parser found, in the form that the tables promise. */
export function parsedWords(
  { flags, args }: Pick<CommandSpec, 'flags' | 'args'>,
  found: { readonly flags: Readonly<Record<string, unknown>>; readonly args: Readonly<Record<string, unknown>> },
): ParsedWords {
  return {
    flags: Object.fromEntries(
      Object.entries(flags).map(([name, spec]) => {
        return [name, spec.kind === 'boolean' ? found.flags[name] === true : asValue(found.flags[name])]
      }),
    ),
    args: Object.fromEntries(
      Object.entries(args).map(([name, spec]) => {
        return [name, spec.multiple ? (asValue(found.args[name]) ?? []) : asValue(found.args[name])]
      }),
    ),
  }
}
