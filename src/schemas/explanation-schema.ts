import { z } from 'zod'
import { DEVICE, EVIDENCE, GROUP } from './device-schema.js'
import { FINDING, REPORT } from './report-schema.js'
import {
  ACTOR,
  addresses,
  ANSWER,
  ERRNO,
  idList,
  IOMMU_KIND,
  list,
  MSI_CONTROLLER_KIND,
  VERDICT,
} from './schema-parts.js'

const { tool, source, platform, exitCode } = REPORT.shape
const { chain, kernel } = DEVICE.shape

const WITNESS = z.object({ answer: ANSWER, evidence: list(EVIDENCE) })
const WITNESSES = {
  described: WITNESS.describe('What firmware says'),
  probed: WITNESS.describe('What the kernel found and drives'),
  inUse: WITNESS.describe('What is in use now'),
}

const ROUTE = z
  .object({
    function: z.object({
      requesterIds: z.union([
        list(
          z.object({
            requesterId: z.string().describe('Lower-case hex'),
            emittedBy: z.string().describe('The device itself, or a function that speaks for it'),
          }),
        ),
        z.literal('unknown'),
      ]),
      evidence: list(EVIDENCE),
    }),
    iommu: z.object({
      kind: IOMMU_KIND,
      name: z.string().describe('Instance name in /sys/class/iommu, or none, or unknown'),
      streamIds: idList('StreamIDs the IOMMU sees'),
      hostDomain: z.string().describe('Type of the default domain of the host'),
      attachment: z
        .enum(['grouped', 'later', 'never', 'not-awaited', 'deferred', 'never-or-deferred', 'undecided'])
        .describe('Whether an IOMMU has taken the function, or will when vfio-pci binds to it'),
      ...WITNESSES,
    }),
    msiController: z.object({
      kind: MSI_CONTROLLER_KIND,
      id: z.string().describe('GIC ITS id, frame id or similar, or none, or unknown'),
      deviceIds: idList('DeviceIDs the controller sees'),
      sharedWith: z
        .union([
          list(z.object({ address: z.string(), iommuGroup: z.string(), sameGroup: z.boolean() })),
          z.literal('unknown'),
        ])
        .describe('Functions with the same DeviceID'),
      ...WITNESSES,
    }),
    doorbell: z.object({
      physical: z.string().describe('Lower-case hex with 0x, or none, or unknown'),
      window: chain.shape.msiWindow,
      evidence: list(EVIDENCE),
    }),
  })
  .describe('The way of an MSI, link by link, with every witness')

const GATE = z.object({
  outcome: kernel.shape.vfioType1.shape.outcome,
  errno: ERRNO,
  logLine: z.string().describe('Line in the kernel log that users see; none where nothing is logged'),
})
const RELEASE_ANSWER = z.object({
  release: z.string(),
  gateRule: platform.shape.gateRule,
  gateRelease: platform.shape.gateRelease,
  isolatedMsi: ANSWER.describe("What the release's own predicate answers"),
  vfioType1: GATE,
  iommufd: GATE,
})

/** The shape of an explanation, as zod sees it. A test holds that it infers exactly `DeviceExplanation`. */
export const EXPLANATION = z
  .object({
    schema: z.literal('intremap/explanation'),
    schemaVersion: z.string().describe('Semantic version; fields are only added within a major'),
    tool,
    source,
    platform,
    device: DEVICE,
    group: z.union([GROUP, z.literal(['none', 'unknown'])]),
    effectiveVerdict: VERDICT.describe("The weaker of the device's and its group's: what the exit code follows"),
    weakerMembers: addresses('Members that make the group weaker than the device is by itself'),
    route: ROUTE,
    kernel: RELEASE_ANSWER.describe('The answer of the release asked about'),
    releases: list(RELEASE_ANSWER).describe('The same on releases of every era, oldest first'),
    questions: list(
      z.object({
        id: z.string(),
        question: z.string(),
        answer: z.string().describe('yes, no, unknown, or a few words'),
        because: z.string(),
        evidence: list(EVIDENCE),
      }),
    ),
    notes: list(z.object({ id: z.string(), text: z.string(), evidence: list(EVIDENCE) })).describe(
      'What is good to know and no fault',
    ),
    findings: list(FINDING).describe('Rules that did not pass for the device or for the machine'),
    changes: list(z.object({ rule: z.string(), actor: ACTOR, text: z.string() })).describe(
      'Steps that would change the verdict, by rules that hold it down',
    ),
    otherRules: z.object({
      passed: z.int().nonnegative(),
      notApplicable: z.int().nonnegative(),
      otherDevices: z.int().nonnegative().describe('Rules that spoke of other devices only'),
    }),
    exitCode,
  })
  .describe('Everything about one PCI function, as `intremap explain ADDR --json` prints it')
