import type { MsiController } from '../../kernel/msi/msi-controller.js'
import { listOf } from '../device-items.js'
import type { CauseSubject } from './cause.js'

/** ITSs that firmware describes, of GICv3 to v5. */
export const itsOf = ({ routes }: CauseSubject): readonly MsiController[] =>
  routes.controllers.filter(({ kind }) => kind === 'its' || kind === 'gicv5-its')

/** Their ids in words. */
export const idsOf = (controllers: readonly MsiController[]): string => listOf(controllers.map(({ id }) => id))
