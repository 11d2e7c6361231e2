import type { RuleDescription } from '../../report/catalogue/rule-catalogue.js'
import { blank, heading, layOut, prose, toned, type Block } from '../layout/document.js'
import { escapeAll } from '../layout/escape.js'
import { ACTOR_WORDS } from '../sections/steps-section.js'
import { EFFECT_WORDS, machinesWords, SCOPE_WORDS } from '../words/rule-words.js'
import type { RenderOptions } from '../types.js'

const section = (title: string, ...body: readonly Block[]): readonly Block[] => [blank, heading(title), ...body]

/** The reference page of one rule, its acronyms expanded. */
export function renderHumanRule(raw: RuleDescription, options: RenderOptions): string {
  const rule = escapeAll(raw)
  const blocks = [
    heading(`${rule.id} ${rule.title}`),
    toned('quiet', `severity ${rule.severity}; ${SCOPE_WORDS[rule.scope]}; ${EFFECT_WORDS[rule.effect]}`),
    ...section('What is checked', prose('  ', rule.checks)),
    ...section('Why it matters', prose('  ', rule.why)),
    ...section(
      'What to do',
      ...rule.remedy.map((step) => prose('  ', `[${ACTOR_WORDS[step.actor]}${machinesWords(step)}] ${step.text}`)),
    ),
    ...section('What it cannot see', prose('  ', rule.limits)),
    ...section('References', ...rule.references.map(({ title, locator }) => prose('  ', `${title}: ${locator}`))),
  ]
  return `${layOut(blocks, { ...options, all: true }).join('\n')}\n`
}
