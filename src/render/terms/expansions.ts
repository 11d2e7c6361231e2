import { GLOSSARY, type Term } from './glossary.js'

const TERMS: ReadonlyMap<string, Term> = new Map(
  GLOSSARY.flatMap((term) => term.forms.map((form) => [form, term] as const)),
)
const FORMS = [...TERMS.keys()]
  .sort((left, right) => right.length - left.length)
  .map((form) => form.replaceAll(/[.+]/g, '\\$&'))
  .join('|')

/** An acronym by itself, plural or not; inside a path, a chip name or a longer word it is part of a name. */
const USE = new RegExp(`(?<![\\w./@:=-])(${FORMS})(s?)(?![\\w/@=-]|[.:]\\w)`, 'g')
/** An acronym or a bracket. */
const TOKENS = new RegExp(`${USE.source}|[()]`, 'g')
/** What stands in double quotes is somebody else's text. */
const QUOTED = /("[^"]*")/

/** The expansions that one output has given so far. */
export class Expansions {
  private readonly given: Set<Term>

  constructor(given: ReadonlySet<Term> = new Set()) {
    this.given = new Set(given)
  }

  /** Another output that has come as far as this one. */
  copy(): Expansions {
    return new Expansions(this.given)
  }

  /**
   * The text with each acronym expanded that this output has not used before: `ITS (interrupt translation service)`,
   * inside brackets `ITS = interrupt translation service`.
   */
  prose(text: string): string {
    let depth = 0
    const expandPart = (part: string) =>
      part.replaceAll(TOKENS, (whole: string, form: string | undefined, plural: string | undefined) => {
        if (form !== undefined) return this.first(whole, form, plural ?? '', depth > 0)
        depth = Math.max(0, depth + (whole === '(' ? 1 : -1))
        return whole
      })
    return text
      .split(QUOTED)
      .map((part, index) => (index % 2 === 1 ? part : expandPart(part)))
      .join('')
  }

  private first(whole: string, form: string, plural: string, bracketed: boolean): string {
    const term = TERMS.get(form)
    if (!term || this.given.has(term)) return whole
    this.given.add(term)
    const expansion = `${term.expansion}${plural}`
    return bracketed ? `${whole} = ${expansion}` : `${whole} (${expansion})`
  }

  /** What to say before `text`, which has no room for expansions, of the acronyms in it that were not used before. */
  caption(text: string): string | undefined {
    const parts: string[] = []
    for (const [, form = ''] of text.matchAll(USE)) {
      const term = TERMS.get(form)
      if (!term || this.given.has(term)) continue
      this.given.add(term)
      parts.push(`${form}: ${term.expansion}`)
    }
    return parts.length > 0 ? parts.join('; ') : undefined
  }
}

/** One text by itself, with every acronym expanded at its first use. */
export function expandFirstUses(text: string): string {
  return new Expansions().prose(text)
}
