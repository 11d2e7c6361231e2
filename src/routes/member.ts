import type { Route } from './route.js'

/** A member of a group: a function's route, a platform device, or a PCI name without a function behind it. */
export type Member = Route | 'platform' | 'unknown'
