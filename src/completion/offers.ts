import type { ArgumentSpec, CommandSpec, FlagSpec, Offer } from '../cli/command-spec.js'

/** Words that a shell cannot find out by itself. */
export interface KnownWords {
  readonly machines: readonly string[]
  readonly rules: readonly string[]
}

/** What stands for the value of a flag in help, and what is offered for it. */
const BY_VALUE: Readonly<Record<string, Offer>> = {
  ADDR: 'functions',
  DIR: 'directories',
  FILE: 'files',
  N: 'groups',
  NAME: 'machines',
}

/** What is offered for one word: words by themselves, and what the shell looks up. */
export interface Offered {
  readonly words: readonly string[]
  readonly looks: readonly Exclude<Offer, 'machines' | 'rules'>[]
}

function offered(offers: readonly Offer[], words: readonly string[], known: KnownWords): Offered {
  const looks: Exclude<Offer, 'machines' | 'rules'>[] = []
  const all = [...words]
  for (const offer of offers) {
    if (offer === 'machines' || offer === 'rules') for (const one of known[offer]) all.push(one)
    else looks.push(offer)
  }
  return { words: all, looks }
}

/** What is offered for the value of a flag; undefined for a flag without one. */
export function offeredForFlag(spec: FlagSpec, known: KnownWords): Offered | undefined {
  switch (spec.kind) {
    case 'boolean':
      return undefined
    case 'choice':
      return offered([], spec.options, known)
    case 'string': {
      const offer = BY_VALUE[spec.value]
      return offered(offer === undefined ? [] : [offer], [], known)
    }
  }
}

/** What is offered for an argument. */
export function offeredForArgument({ offers = [], options = [] }: ArgumentSpec, known: KnownWords): Offered {
  return offered(offers, options, known)
}

/** A flag as it is written, with its short form. */
export function flagWords(name: string, { char }: FlagSpec): readonly string[] {
  return char === undefined ? [`--${name}`] : [`--${name}`, `-${char}`]
}

/** Flags of a command whose value is the next word. */
export function flagsWithValue({ flags }: CommandSpec): readonly string[] {
  return Object.entries(flags).flatMap(([name, spec]) => (spec.kind === 'boolean' ? [] : flagWords(name, spec)))
}

/** First line of each script. */
export function headline(shell: string): string {
  return `# ${shell} completion of intremap, made from its commands: intremap completion ${shell}`
}
