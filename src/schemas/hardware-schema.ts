import { z } from 'zod'
import { ANSWER, list } from './schema-parts.js'

// What a report says of hardware and kernel apart from verdicts.

const MSI_CAPABILITY = z.object({
  present: ANSWER,
  enabled: ANSWER,
  vectors: z.union([z.int(), z.literal('unknown')]).describe('At most so many'),
})

export const HARDWARE = z
  .object({
    msi: MSI_CAPABILITY,
    msix: MSI_CAPABILITY,
    vectorsInUse: z.union([z.int(), z.literal('unknown')]).describe('Interrupts that its driver holds now'),
    upstream: z
      .union([list(z.string()), z.literal('unknown')])
      .describe('Bridges above it, nearest last; empty on the root bus'),
    physicalFunction: z.string().describe('Address, for a virtual function; none for others'),
    virtualFunctionIndex: z
      .union([z.int(), z.enum(['none', 'unknown'])])
      .describe('Place among the virtual functions of that one, from 0'),
    numaNode: z.union([z.int(), z.enum(['none', 'unknown'])]),
    driverOverride: z.string().describe('The only driver that may bind'),
    vfioDevice: z.string().describe('Name below /dev/vfio/devices, where a VFIO driver is bound'),
  })
  .describe('What it has and is, apart from any verdict')

export const MACHINE = z
  .object({
    vendor: z.string(),
    product: z.string(),
    firmwareVersion: z.string(),
    firmwareDate: z.string().describe('MM/DD/YYYY'),
    firmwareFingerprint: z
      .string()
      .describe('SHA-256 over tables and tree as far as verdicts depend on them; the same in a capture'),
  })
  .describe('Names are redacted where they could name an owner')

const INTERFACE = z.object({
  offered: ANSWER.describe('Its device node is there and the kernel has it'),
  moduleLoaded: ANSWER.describe('Its module has a directory in /sys/module'),
  unsafeInterruptsAllowed: ANSWER.describe('allow_unsafe_interrupts, as it is or will be once the module is loaded'),
})

export const INTERFACES = z
  .object({ vfioType1: INTERFACE, iommufd: INTERFACE, vfioCdev: ANSWER })
  .describe('What this kernel offers to hand devices out with')
