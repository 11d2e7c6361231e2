import { z } from 'zod'
import { REASONS } from '../rules/verdict.js'
import { IF_CONFIRMED } from './if-confirmed-schema.js'
import { ASSIGNABLE, OBSTACLES } from './assignable-schema.js'
import { HARDWARE } from './hardware-schema.js'
import {
  ACTOR,
  ANSWER,
  ERRNO,
  IOMMU_KIND,
  MSI_CONTROLLER_KIND,
  VERDICT,
  addresses,
  hexOrWord,
  idList,
  list,
} from './schema-parts.js'

const gate = (call: string) =>
  z
    .object({
      outcome: z
        .enum([
          'accepts',
          'accepts-by-override',
          'accepts-without-iommu',
          'refuses',
          'absent',
          'not-applicable',
          'unknown',
        ])
        .describe(
          'accepts-by-override: only because allow_unsafe_interrupts is on; accepts-without-iommu: in no-IOMMU mode, where nothing is asked and nothing translates; absent: this kernel lacks it',
        ),
      errno: ERRNO,
    })
    .describe(`What ${call} answers for this device, bound to vfio-pci in a viable group`)

const CHAIN = z
  .object({
    requesterIds: idList('RequesterIDs the function puts on the bus, aliases included'),
    iommu: z
      .object({
        kind: IOMMU_KIND,
        name: z.string().describe('Instance name in /sys/class/iommu, or none, or unknown'),
        streamIds: idList('StreamIDs the IOMMU sees'),
        hostDomain: z.string().describe('Type of the default domain of the host: DMA, DMA-FQ, identity, blocked'),
      })
      .describe('What stands before the DMA of the function'),
    msiController: z
      .object({
        kind: MSI_CONTROLLER_KIND,
        id: z.string().describe('GIC ITS id, frame id or similar, or none, or unknown'),
        doorbell: hexOrWord('Physical address that an MSI is written to'),
        deviceIds: idList('DeviceIDs the controller sees'),
      })
      .describe('What takes the MSI writes of the function'),
    msiWindow: z
      .object({
        kind: z.enum(['software', 'hardware', 'none', 'unknown']),
        start: hexOrWord('First I/O virtual address'),
        end: hexOrWord('Last I/O virtual address'),
      })
      .describe('Range of I/O virtual addresses that reaches the doorbell'),
  })
  .describe('The way of an MSI, link by link')

export const EVIDENCE = z.object({
  source: z.string().describe('File on the probed machine'),
  locator: z.string().describe('Place in the file, in words'),
  at: z
    .union([
      z.object({ offset: z.int(), length: z.int(), node: z.string().optional() }),
      z.object({ line: z.int() }),
      z.object({ node: z.string() }),
    ])
    .optional()
    .describe(
      'The same as data: bytes from the start of the file, or a line counted from 1, and the path of a node of the device tree; absent for the whole file',
    ),
  value: z.string().describe('What it says'),
})

const CAUSE = z
  .object({
    id: z.string().describe('Kebab-case and stable; docs/causes.md lists them'),
    summary: z.string().describe('One sentence'),
    evidence: list(EVIDENCE).describe('What decides it, the most telling first'),
    actor: ACTOR.describe('Who can take the remedy'),
    remedy: z.string().describe('What would bring what is missing, with the names of this machine'),
    lasting: z.boolean().describe('Nothing that can be set on this machine removes it'),
  })
  .describe('Why an IOMMU, or a check of its interrupts, is missing')

export const DEVICE = z.object({
  address: z.string().describe('PCI address with its segment, 0000:01:00.0'),
  name: z.string().optional().describe('What lspci calls it, vendor first; absent when unknown'),
  role: z
    .enum(['endpoint', 'bridge', 'iommu', 'chipset'])
    .describe(
      'Only endpoints count for summary and exit code; chipset: a host bridge or the like without a group, an MSI capability and a driver',
    ),
  vendorId: z.string().describe('PCI vendor id, lower-case hex, or unknown'),
  deviceId: z.string().describe('PCI device id, lower-case hex, or unknown'),
  classCode: z.string().describe('Class, subclass and programming interface, lower-case hex, or unknown'),
  driver: z.string().describe('Bound driver, or none, or unknown'),
  iommuGroup: z.string().describe('IOMMU group number, or none, or unknown'),
  verdict: VERDICT.describe("The function's own verdict"),
  effectiveVerdict: VERDICT.describe(
    "The weaker of it and its group's, as the group is once the function is handed out: what the exit code follows",
  ),
  strength: z.enum(['in-use', 'probed', 'described', 'none']).describe('The best witness behind the verdict'),
  reason: z.enum(REASONS).describe('The first that applies, in the order of this list'),
  chain: CHAIN,
  kernel: z
    .object({
      isolatedMsi: ANSWER.describe("What this kernel's own predicate answers"),
      vfioType1: gate('VFIO type1'),
      iommufd: gate('iommufd'),
    })
    .describe("The kernel's answers; they never enter the verdict"),
  hardware: HARDWARE,
  assignable: ASSIGNABLE,
  ifConfirmed: IF_CONFIRMED,
  obstacles: list(
    z.object({
      code: z.enum(OBSTACLES),
      interface: z.enum(['vfioType1', 'iommufd', 'both']),
      errno: ERRNO,
    }),
  ).describe('What else stops an assignment'),
  cause: z
    .union([CAUSE, z.enum(['none', 'unknown'])])
    .describe('none where nothing is missing, unknown where that is not known'),
  findings: list(z.string()).describe('Ids of the rules that did not pass for this function'),
})

export const GROUP = z.object({
  id: z.string().describe('Number in /sys/kernel/iommu_groups'),
  type: z.string().describe('Default domain type, or unknown'),
  verdict: VERDICT.describe("The weakest verdict of the group's endpoints"),
  isolatedMsi: ANSWER.describe("What this kernel's predicate answers for the whole group"),
  viable: ANSWER.describe('Whether every member is held by a VFIO driver or by none'),
  holders: list(z.object({ device: z.string(), driver: z.string() })).describe(
    'Members with a host driver that keeps the group from user space',
  ),
  devices: addresses('Members'),
  membersComplete: z.enum(['yes', 'unknown']).describe('unknown where nobody listed the members: there may be others'),
  reservedRegions: z.union([
    list(
      z.object({
        start: z.string().describe('First address, lower-case hex'),
        end: z.string().describe('Last address, lower-case hex'),
        type: z.string().describe('direct, reserved, msi, direct-relaxable'),
      }),
    ),
    z.literal('unknown'),
  ]),
})

export const PLATFORM_DEVICE = z.object({
  name: z.string().describe('Name below /sys/bus, ff170000.mmc'),
  driver: z.string().describe('Bound driver, or none, or unknown'),
  iommuGroup: z.string().describe('IOMMU group number, or none, or unknown'),
  iommu: z.string().describe('Instance in /sys/class/iommu that serves it, or none, or unknown'),
})
