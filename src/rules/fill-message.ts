import type { OutcomeItem, Rule } from './rule.js'

/** Fills the {placeholders} of a template; one without a detail stays as it is. */
export function fillMessage(template: string, details: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, key: string) => details[key] ?? whole)
}

type Said = Pick<OutcomeItem, 'message' | 'details' | 'linux'>

/** What is so, without what Linux makes of it. */
export function messageOf({ messages, title }: Pick<Rule, 'messages' | 'title'>, { message, details }: Said): string {
  return fillMessage(messages[message] ?? title, details)
}

/** What is so, and what Linux makes of it. */
export function summaryOf(rule: Pick<Rule, 'messages' | 'title'>, item: Said): string {
  const message = messageOf(rule, item)
  return item.linux === undefined ? message : `${message} ${item.linux}`
}
