import { GLOSSARY, KNOWN_NAMES, type Term } from '../../../../src/render/terms/glossary.js'

/** Words in capitals that are plain English or column titles. */
const SHOUTED = new Set(
  'NOT ISOLATED UNKNOWN WITH CAVEATS VERDICT DEVICE WHAT DRIVER GROUP WHY RULE SEVERITY ON TITLE CRITICAL HIGH MEDIUM LOW INFO'.split(
    ' ',
  ),
)
const RULE_ID = /^IR(?:\d+|nnn)$/

const TERMS: ReadonlyMap<string, Term> = new Map(
  GLOSSARY.flatMap((term) => term.forms.map((form) => [form, term] as const)),
)

/** Two capitals, or more: `SMMU`, `SR-IOV`, `GICv2m`, `IORT`. */
const looksLikeAcronym = (word: string) =>
  /^[A-Z][A-Za-z0-9.-]*(?<!-)$/.test(word) && (word.match(/[A-Z]/g)?.length ?? 0) > 1

/** What a human output says in its own words: colours, quoted text and names of files and chips are not. */
function ownWords(output: string): string {
  return (
    output
      .replaceAll(/\u001b\[[0-9;]*m/g, '')
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/"[^"]*"/g, '""')
      // What the firmware calls the machine.
      .replace(/: [^:]{1,80}?, (?=(?:arm64|x86_64|riscv64), )/, ': ')
  )
}

/** Complaints about a default screen: acronyms that are in no glossary, and expansions, which --all has. */
export function unknownOrExpanded(output: string): readonly string[] {
  const text = ownWords(output)
  const expanded = GLOSSARY.flatMap(({ forms, expansion }) =>
    forms
      .flatMap((form) => [`${form} (${expansion}`, `${form} = ${expansion}`, `${form}: ${expansion}`])
      .filter((words) => text.includes(words)),
  )
  return [...unexplained(output).filter((complaint) => complaint.endsWith('is in no glossary')), ...expanded]
}

/** Complaints about a human output: acronyms that are in no glossary, or that are used before they are expanded. */
export function unexplained(output: string): readonly string[] {
  const text = ownWords(output)
  const complaints = new Set<string>()
  const explained = new Set<Term>()
  const words = [...text.matchAll(/[^\s(),;!?]+/g)]
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]
    const bare = word?.[0].replace(/^['[]+/, '').replace(/['\].:]+$/, '') ?? ''
    const singular = TERMS.has(bare) ? bare : bare.replace(/s$|'s$/, '')
    if (!word || !looksLikeAcronym(bare) || SHOUTED.has(bare) || RULE_ID.test(bare)) continue
    const term = TERMS.get(singular)
    if (!term) {
      if (!KNOWN_NAMES.has(bare) && !KNOWN_NAMES.has(singular)) complaints.add(`${bare} is in no glossary`)
      continue
    }
    if (explained.has(term)) continue
    explained.add(term)
    const after = text.slice(word.index + word[0].length)
    const forms = [` (${term.expansion}`, ` = ${term.expansion}`, ` ${term.expansion}`]
    const followed = word[0].endsWith(':') ? forms.slice(2) : forms.slice(0, 2)
    if (!followed.some((form) => after.startsWith(form)))
      complaints.add(
        `${bare} is used before it is expanded: ...${text.slice(Math.max(0, word.index - 30), word.index + 30)}...`,
      )
    // The words of the expansion are no further uses.
    else index += term.expansion.split(' ').length
  }
  return [...complaints]
}
