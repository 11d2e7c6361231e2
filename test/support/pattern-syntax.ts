/** Characters of which every class of the patterns here has some and lacks some: ASCII, and what is odd beyond it. */
const BEYOND = [0x85, 0xa0, 0xe9, 0x61c, 0x200b, 0x2028, 0x4e00, 0xe000, 0xfeff, 0xfffd, 0xffff]
const ALPHABET: readonly string[] = [...Array.from({ length: 128 }, (_, code) => code), ...BEYOND].map((code) =>
  String.fromCharCode(code),
)

/** Indexes of the characters in the alphabet that an atom takes. */
export type Characters = ReadonlySet<number>

export type Pattern =
  | { readonly kind: 'atom'; readonly characters: Characters }
  /** `^`, `$`, `\b`, and looking ahead or behind: takes nothing and may fail. */
  | { readonly kind: 'assertion'; readonly start: boolean; readonly body?: Pattern }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'repeat'; readonly body: Pattern; readonly least: number; readonly most: number }

/** Every character: what stands before a match of a pattern that is not anchored. */
export const ANY: Characters = new Set(ALPHABET.keys())

/** Parses the syntax of ECMAScript's regular expressions; references back to a group throw, nothing bounds their cost. */
class PatternParser {
  readonly #source: string
  readonly #flags: string
  #at = 0

  constructor(source: string, flags: string) {
    this.#source = source
    this.#flags = flags.replaceAll(/[^iuvs]/g, '')
  }

  parse(): Pattern {
    const whole = this.#choice()
    if (this.#at < this.#source.length) throw new Error(`unbalanced at ${this.#at}`)
    return whole
  }

  #takes(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #choice(): Pattern {
    const parts = [this.#sequence()]
    while (this.#takes('|')) parts.push(this.#sequence())
    return { kind: 'choice', parts }
  }

  #sequence(): Pattern {
    const parts: Pattern[] = []
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] ?? '')) {
      parts.push(this.#quantified(this.#term()))
    }
    return { kind: 'sequence', parts }
  }

  #term(): Pattern {
    const look = ['(?=', '(?!', '(?<=', '(?<!'].find((text) => this.#takes(text))
    if (look !== undefined) return { kind: 'assertion', start: false, body: this.#closed() }
    if (this.#takes('(?:')) return this.#closed()
    if (this.#takes('(?<')) {
      this.#at = this.#source.indexOf('>', this.#at) + 1
      return this.#closed()
    }
    if (this.#takes('(')) return this.#closed()
    if (this.#takes('^')) return { kind: 'assertion', start: !this.#flags.includes('m') }
    if (this.#takes('$') || this.#takes('\\b') || this.#takes('\\B')) return { kind: 'assertion', start: false }
    return this.#atom()
  }

  #closed(): Pattern {
    const body = this.#choice()
    if (!this.#takes(')')) throw new Error(`a group is open at ${this.#at}`)
    return body
  }

  #atom(): Pattern {
    const from = this.#at
    if (this.#source[from] === '[') {
      for (this.#at += 1; this.#source[this.#at] !== ']'; this.#at += 1)
        if (this.#source[this.#at] === '\\') this.#at += 1
      this.#at += 1
    } else if (this.#source[from] === '\\') {
      const escape = /^\\(?:[pPu]\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[^1-9k])/.exec(this.#source.slice(from))
      if (!escape) throw new Error(`a reference back at ${from}`)
      this.#at += escape[0].length
    } else this.#at += (this.#source.codePointAt(from) ?? 0) > 0xffff ? 2 : 1
    const one = new RegExp(`^(?:${this.#source.slice(from, this.#at)})$`, this.#flags)
    const characters = ALPHABET.flatMap((character, index) => (one.test(character) ? [index] : []))
    return { kind: 'atom', characters: new Set(characters) }
  }

  #quantified(body: Pattern): Pattern {
    const match = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(this.#source.slice(this.#at))
    if (!match) return body
    this.#at += match[0].length
    const [, sign, low = '', comma, high = ''] = match
    const infinite = Number.POSITIVE_INFINITY
    if (sign !== undefined) {
      return { kind: 'repeat', body, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : infinite }
    }
    const most = comma === '' ? Number(low) : high === '' ? infinite : Number(high)
    return { kind: 'repeat', body, least: Number(low), most }
  }
}

/** The syntax tree of a regular expression; throws where it refers back to a group. */
export function parsePattern(source: string, flags: string): Pattern {
  return new PatternParser(source, flags).parse()
}
