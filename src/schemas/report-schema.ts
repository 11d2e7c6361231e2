import { SEVERITIES } from '../rules/severity.js'
import { z } from 'zod'
import { GATE } from './gate-schema.js'
import { INTERFACES, MACHINE } from './hardware-schema.js'
import {
  ACTOR,
  ANSWER,
  EVIDENCE_PLACE,
  IOMMU_KIND,
  MSI_CONTROLLER_KIND,
  READ_FAILURE,
  VERDICT,
  addresses,
  hexOrWord,
  list,
} from './schema-parts.js'
import { DEVICE, EVIDENCE, GROUP, PLATFORM_DEVICE } from './device-schema.js'
const WITNESSES = {
  described: ANSWER.describe('Firmware describes it'),
  probed: ANSWER.describe('The kernel drives it'),
}

/** One finding of a report. */
export const FINDING = z.object({
  rule: z.string().describe('Rule id, IR112; `intremap rules` explains it'),
  severity: z.enum(SEVERITIES),
  outcome: z.enum(['fail', 'unknown']).describe('unknown where the rule could not know'),
  effect: z.enum(['not-isolated', 'caveat', 'none']).describe('What it does to the verdict of those functions'),
  subject: z.string().describe('PCI address, group, or place in a table or tree'),
  devices: addresses('Functions whose verdict it touches'),
  summary: z.string().describe('One sentence'),
  evidence: list(EVIDENCE),
  actor: ACTOR.describe('Who can change it'),
  remedy: z.string().describe('What that one can do; empty when nothing can be done'),
  cause: z
    .union([
      z.object({
        id: z.string().describe('As devices[].cause has it'),
        summary: z.string().describe('One sentence, for all devices of the finding'),
        lasting: z.boolean().describe('Nothing that can be set on this machine removes it'),
      }),
      z.literal('none'),
    ])
    .describe('The cause that the remedy answers'),
  references: list(z.string()),
})

/** The shape of a report, as zod sees it. A test holds that it infers exactly `Report`. */
export const REPORT = z
  .object({
    schema: z.literal('intremap/report'),
    schemaVersion: z.string().describe('Semantic version; fields are only added within a major'),
    tool: z.object({
      name: z.literal('intremap'),
      version: z.string(),
      ruleset: z.string().describe('Version of the rules: verdicts are only as fresh as they are'),
    }),
    source: z
      .object({
        kind: z.enum(['live', 'sysroot', 'bundle', 'emulated']),
        name: z.string().describe('What was named: a directory, a file, an emulated machine; / for the host'),
      })
      .describe('How the machine was reached'),
    inputs: z
      .array(
        z.object({
          file: z.string().describe('As it was named, or a file inside of what was named'),
          kind: z.string().describe('What it was recognised as, by its content'),
          total: z.number().int(),
          used: z.number().int().describe('How much of it told something'),
          unit: z.enum(['lines', 'functions', 'groups', 'tables', 'machine']),
        }),
      )
      .optional()
      .describe('What was recognised, where evidence was given without a flag'),
    nextPiece: z
      .union([z.object({ what: z.string(), command: z.string(), tells: z.string() }), z.literal('none')])
      .optional()
      .describe('The one further piece of evidence that would decide most, beside inputs'),
    refusals: z
      .array(z.object({ line: z.string(), says: z.string(), source: z.string() }))
      .optional()
      .describe('Refusals that the log among the evidence shows, each kind once; beside inputs'),
    platform: z.object({
      architecture: z.string(),
      firmware: z.enum(['acpi', 'devicetree', 'acpi+devicetree', 'none', 'unknown']),
      kernelRelease: z.string().describe('Release that kernel.* answers for'),
      kernelReleaseObserved: z.string().describe('Release that runs; differs only under --kernel-release'),
      gateRule: z
        .enum([
          'capability',
          'window-then-global-or-capability',
          'global-or-capability',
          'per-device',
          'always',
          'none',
          'unknown',
        ])
        .describe("Rule by which that release's VFIO and iommufd judge interrupts"),
      gateRelease: z
        .string()
        .describe('Release whose rules give the answers: kernelRelease, or the newest known where that is newer'),
      virtualized: ANSWER,
      machine: MACHINE,
      interfaces: INTERFACES,
    }),
    summary: z.object({
      verdict: VERDICT.describe('The weakest over all endpoints asked about; unknown when there is none'),
      devices: z
        .object({
          isolated: z.int(),
          'isolated-with-caveats': z.int(),
          'not-isolated': z.int(),
          unknown: z.int(),
        })
        .describe('Number of endpoints with each verdict'),
    }),
    devices: list(DEVICE).describe('PCI functions, sorted by address'),
    groups: list(GROUP).describe('IOMMU groups, sorted by number'),
    platformDevices: list(PLATFORM_DEVICE).describe(
      'Devices that are no PCI functions and that a group holds or an IOMMU serves, sorted by name; they get no verdict',
    ),
    iommus: list(
      z.object({
        kind: IOMMU_KIND,
        name: z.string(),
        address: hexOrWord('Register base'),
        ...WITNESSES,
        devices: addresses('Functions behind it'),
      }),
    ),
    msiControllers: list(
      z.object({
        kind: MSI_CONTROLLER_KIND,
        id: z.string(),
        address: hexOrWord('Register base or doorbell page'),
        ...WITNESSES,
        inUse: ANSWER.describe('Some function holds an MSI of it now'),
        devices: addresses('Functions whose MSIs it takes'),
      }),
    ),
    findings: list(FINDING),
    unread: list(
      z.object({
        source: z.string().describe('File on the probed machine'),
        area: EVIDENCE_PLACE.describe(
          'What it is evidence of; firmware is the directory over tables and tree, where it is masked',
        ),
        reason: READ_FAILURE,
        extent: z
          .string()
          .describe('How much of it could not be read: whole, or in words such as 3 of 20 lines not read'),
      }),
    ).describe('What is there and could not be read'),
    gate: GATE.optional(),
    exitCode: z
      .literal([0, 1, 3])
      .describe('0 good enough, 1 at least one is not isolated, 3 none is bad and one is unknown or there is none'),
  })
  .describe('Whether each PCI function can raise only its own interrupts, and what the kernel answers')

/** A line of NDJSON: a function with what its line needs to stand alone. */
export const DEVICE_LINE = z
  .object({
    schema: z.literal('intremap/device'),
    schemaVersion: z.string(),
    tool: REPORT.shape.tool,
    source: REPORT.shape.source,
    platform: REPORT.shape.platform,
    ...DEVICE.shape,
    group: z.union([GROUP, z.literal('none')]).describe('Its IOMMU group as groups[] of the report has it'),
  })
  .describe('One PCI function of a report, on a line of its own (probe --format ndjson)')

/** The shape of the error object that stands in for a report under --json. */
export const ERROR_OBJECT = z
  .object({
    schema: z.literal('intremap/error'),
    schemaVersion: z.string(),
    error: z.object({
      code: z.enum(['usage', 'input', 'not-found', 'internal']),
      message: z.string().describe('What went wrong'),
      path: z.string().describe('The file, flag or device it is about, or none'),
      hint: z.string().describe('What to do next, or none'),
    }),
    exitCode: z.literal([64, 65, 66, 70]),
  })
  .describe('An error; no verdict was reached')
