/** Where a document is wrong (`rootComplexes[0].msi`), and how: expected and found. */
export interface Mistake {
  readonly path: string
  readonly message: string
}

/** More mistakes than this help nobody. */
const MOST = 20
/** Characters of a name or a value that are repeated, and names that are listed. */
const CHARACTERS = 60
const NAMES = 12

/** Text of a document as far as a mistake repeats it. */
export const shown = (text: string): string => (text.length > CHARACTERS ? `${text.slice(0, CHARACTERS)}…` : text)

/** Names that there are, as far as a mistake lists them. */
export function shownNames(names: readonly string[]): string {
  const left = names.length - NAMES
  const first = names.slice(0, NAMES).map(shown).join(', ')
  return left > 0 ? `${first} and ${left} more` : first
}

/** What is wrong with a document: the first twenty things, however many there are. */
export class Mistakes {
  private readonly noun: string
  private readonly found: Mistake[] = []

  /** @param noun what the document is, where it is wrong as a whole: `description` */
  constructor(noun: string) {
    this.noun = noun
  }

  get list(): readonly Mistake[] {
    return this.found
  }

  get isEmpty(): boolean {
    return this.found.length === 0
  }

  /** Whether one more would not be told. */
  get isFull(): boolean {
    return this.found.length >= MOST
  }

  /** None yet, of the same document. */
  fresh(): Mistakes {
    return new Mistakes(this.noun)
  }

  add(path: string, message: string): void {
    if (!this.isFull) this.found.push({ path: path === '' ? `(${this.noun})` : path, message })
  }
}
