import type { RuleCatalogue, RuleDescription } from '../../report/catalogue/rule-catalogue.js'
import { escapeAll } from '../layout/escape.js'
import { blank, layOut, prose, table } from '../layout/document.js'
import { styleOf } from '../layout/style.js'
import { cell, count, hangingParagraph } from '../layout/text-layout.js'
import type { RenderOptions } from '../types.js'

const EFFECT_WORDS: Record<RuleDescription['effect'], string> = {
  'not-isolated': 'not isolated',
  caveat: 'caveat',
  none: 'none',
}

/** The catalogue as a table: id, severity, what it does to the verdict, title. */
export function renderHumanRules(raw: RuleCatalogue, options: RenderOptions): string {
  const catalogue = escapeAll(raw)
  const style = styleOf(options.colorLevel)
  const lead = (id: string, severity: string, effect: string) =>
    `${cell(id, 5)}  ${cell(severity, 8)}  ${cell(effect, 12)}  `
  const lines = catalogue.rules.flatMap(({ id, severity, effect, title }) =>
    hangingParagraph(lead(id, severity, EFFECT_WORDS[effect]), title, options.columns),
  )
  const blocks = [
    table([style.heading(`${lead('RULE', 'SEVERITY', 'ON VERDICT')}TITLE`), ...lines]),
    blank,
    prose('', `${count(catalogue.rules.length, 'rule')}; intremap explain IRnnn tells what each checks, and why.`),
  ]
  return `${layOut(blocks, options).join('\n')}\n`
}
