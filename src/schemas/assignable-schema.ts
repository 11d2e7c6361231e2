import { z } from 'zod'
import { ANSWER, list } from './schema-parts.js'

/** What stops an assignment, apart from the verdict. */
export const OBSTACLES = [
  'no-group',
  'probe-deferred',
  'no-cache-coherency',
  'group-not-viable',
  'direct-region',
  'mixed-msi-regions',
  'bound-elsewhere',
  'denylisted',
  'driver-override',
  'no-reset',
  'noiommu-mode',
] as const

export const ASSIGNABLE = z
  .object({
    answer: ANSWER,
    interfaces: list(z.enum(['vfioType1', 'iommufd'])).describe('Through which'),
    reasons: list(
      z.enum([
        ...OBSTACLES,
        'not-isolated',
        'isolation-unknown',
        'kernel-refuses',
        'kernel-unknown',
        'interface-absent',
        'viability-unknown',
        'no-endpoint',
      ]),
    ).describe('What stops it, or cannot be told'),
  })
  .describe(
    'Whether it may be handed out now: isolated with its group, accepted by the kernel, held by no other driver, resettable',
  )
