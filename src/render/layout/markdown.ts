/** Plain text in Markdown: characters that would become markup are escaped. */
export function plain(text: string): string {
  return text.replaceAll(/[\\`*<>[\]]/g, '\\$&').replaceAll('|', '\\|')
}
