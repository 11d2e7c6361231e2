import { GLOSSARY } from '../../../../src/render/terms/glossary.js'

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')

/**
 * An output on one line and without the expansions of its acronyms, for tests that are about its other words; a test of
 * its own looks at the expansions.
 */
export function withoutExpansions(output: string): string {
  const text = output.trimEnd().replaceAll(/\s+/g, ' ')
  return GLOSSARY.reduce(
    (rest, { expansion }) =>
      rest.replaceAll(new RegExp(` (?:\\(${escaped(expansion)}s?\\)|= ${escaped(expansion)}s?)`, 'g'), ''),
    text,
  )
}
