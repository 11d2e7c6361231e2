import type { MsiController } from '../../kernel/msi/msi-controller.js'
import { listOf, NAMES_SHOWN } from '../device-items.js'

/** Ids of controllers in words. */
export function idsOf(controllers: readonly MsiController[]): string {
  const shown = controllers.slice(0, NAMES_SHOWN).map(({ id }) => id)
  return listOf(shown, controllers.length)
}
