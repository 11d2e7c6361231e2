/** Fills the {placeholders} of a template; one without a detail stays as it is. */
export function fillMessage(template: string, details: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, key: string) => details[key] ?? whole)
}
