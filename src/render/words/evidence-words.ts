import type { EvidenceReport } from '../../report/types.js'

/** `/path, offset 0x48, 20 bytes: "what stands there"`. */
export function evidenceWords({ source, locator, value }: EvidenceReport): string {
  const place = locator === 'whole file' ? source : `${source}, ${locator}`
  return value === '' ? place : `${place}: "${value}"`
}
