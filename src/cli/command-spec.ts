/** A flag as data: help, oclif's parser and the quick one are made of the same table. */
export type FlagSpec = BooleanFlag | StringFlag | ChoiceFlag

interface FlagTexts {
  readonly summary: string
  readonly group: 'INPUT' | 'OUTPUT' | 'SELECTION' | 'JUDGEMENT'
  /** The short form, one letter. */
  readonly char?: string
}
interface BooleanFlag extends FlagTexts {
  readonly kind: 'boolean'
}
interface StringFlag extends FlagTexts {
  readonly kind: 'string'
  /** What help calls the value. */
  readonly value: string
  /** May be repeated. */
  readonly multiple?: true
}
interface ChoiceFlag extends FlagTexts {
  readonly kind: 'choice'
  readonly options: readonly string[]
  readonly default?: string
  readonly multiple?: true
  /** What help calls the value, where the summary names the options. */
  readonly value?: string
}

/** What a shell offers for a word: names of files, functions or groups of this host, bundled machines, ids of rules. */
export type Offer = 'files' | 'directories' | 'functions' | 'groups' | 'machines' | 'rules'

/** A word of the command line that is no flag. */
export interface ArgumentSpec {
  readonly description: string
  /** What completion offers; nothing but `options` when left out. */
  readonly offers?: readonly Offer[]
  readonly required?: true
  /** Takes all that follow; the last of a command's. */
  readonly multiple?: true
  readonly options?: readonly string[]
}

export type FlagTable = Readonly<Record<string, FlagSpec>>
/** In the order of the command line. */
export type ArgumentTable = Readonly<Record<string, ArgumentSpec>>

type FlagValue<F extends FlagSpec> = F extends BooleanFlag
  ? boolean
  : F extends { readonly multiple: true; readonly options: readonly (infer Option)[] }
    ? readonly Option[] | undefined
    : F extends { readonly default: string; readonly options: readonly (infer Option)[] }
      ? Option
      : F extends { readonly options: readonly (infer Option)[] }
        ? Option | undefined
        : F extends { readonly multiple: true }
          ? readonly string[] | undefined
          : string | undefined
type ArgumentValue<A extends ArgumentSpec> = A extends { readonly multiple: true }
  ? readonly string[]
  : A extends { readonly options: readonly (infer Option)[] }
    ? Option | undefined
    : A extends { readonly required: true }
      ? string
      : string | undefined

export type FlagValues<F extends FlagTable> = { readonly [Name in keyof F]: FlagValue<F[Name]> }
export type ArgumentValues<A extends ArgumentTable> = { readonly [Name in keyof A]: ArgumentValue<A[Name]> }

type Value = boolean | string | readonly string[] | undefined
/** What a parser found, by name. */
export interface ParsedWords {
  readonly flags: Readonly<Record<string, Value>>
  readonly args: Readonly<Record<string, Value>>
}

/** One command: what it takes, what help says of it, and what it does. */
export interface CommandSpec {
  readonly id: string
  readonly summary: string
  readonly description?: string
  /** `intremap` stands for the program. */
  readonly examples: readonly string[]
  readonly flags: FlagTable
  readonly args: ArgumentTable
  /** Runs it and gives the exit code. Throws for words that do not fit its tables. */
  run(words: ParsedWords): Promise<number>
}

const isStrings = (value: Value): value is readonly string[] => Array.isArray(value)

function fitsFlag(spec: FlagSpec, value: Value): boolean {
  switch (spec.kind) {
    case 'boolean':
      return typeof value === 'boolean'
    case 'string':
      return value === undefined || (spec.multiple ? isStrings(value) : typeof value === 'string')
    case 'choice': {
      if (value === undefined) return spec.default === undefined
      if (spec.multiple) return isStrings(value) && value.every((one) => spec.options.includes(one))
      return typeof value === 'string' && spec.options.includes(value)
    }
  }
}

function fitsArgument({ required, multiple, options }: ArgumentSpec, value: Value): boolean {
  if (multiple) return isStrings(value)
  if (value === undefined) return !required
  return typeof value === 'string' && (options?.includes(value) ?? true)
}

function areFlags<F extends FlagTable>(table: F, values: ParsedWords['flags']): values is FlagValues<F> {
  return Object.entries(table).every(([name, spec]) => fitsFlag(spec, values[name]))
}

function areArguments<A extends ArgumentTable>(table: A, values: ParsedWords['args']): values is ArgumentValues<A> {
  return Object.entries(table).every(([name, spec]) => fitsArgument(spec, values[name]))
}

/** A command whose body sees its flags and arguments with the types that the tables give them. */
export function command<const F extends FlagTable, const A extends ArgumentTable>(
  spec: Omit<CommandSpec, 'flags' | 'args' | 'run'> & {
    readonly flags: F
    readonly args: A
    run(flags: FlagValues<F>, args: ArgumentValues<A>): Promise<number>
  },
): CommandSpec {
  return {
    ...spec,
    async run({ flags, args }) {
      if (!areFlags(spec.flags, flags) || !areArguments(spec.args, args)) {
        throw new Error(`the words of ${spec.id} do not fit its tables`)
      }
      return await spec.run(flags, args)
    },
  }
}
