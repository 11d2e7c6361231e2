import type { MadtEntry, MadtTable } from '../../machine/madt.js'

/** An ITS of the MADT under the number that IORT ITS groups know it by. */
export interface MadtIts {
  readonly itsId: number
  readonly entry: MadtEntry
}

/** GICv3 ITSs by their translation id, GICv5 ones by the id of their translate frame. */
export function itsOfMadt(madt: MadtTable): readonly MadtIts[] {
  return madt.entries.flatMap((entry): MadtIts[] => {
    if (entry.type === 'gic-its') return [{ itsId: entry.translationId, entry }]
    return entry.type === 'gicv5-its-translate' ? [{ itsId: entry.translateFrameId, entry }] : []
  })
}
