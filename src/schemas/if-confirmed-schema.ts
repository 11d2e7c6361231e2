import { z } from 'zod'
import { list, MSI_CONTROLLER_KIND } from './schema-parts.js'

/** `devices[].ifConfirmed`. */
export const IF_CONFIRMED = z
  .union([
    z.object({
      verdict: z.enum(['isolated', 'isolated-with-caveats']).describe('At best'),
      checkedBy: MSI_CONTROLLER_KIND.describe('Controller that checks the interrupts in use'),
      open: list(z.enum(['iommu', 'msi-controller', 'shared-device-id', 'rules'])).describe('What root would learn'),
    }),
    z.literal('none'),
  ])
  .describe(
    'Of an unknown verdict that only rights are missing for: what it would be if all that only root reads confirmed what is in use. It is no verdict and counts nowhere',
  )
