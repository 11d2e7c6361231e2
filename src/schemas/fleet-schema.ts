import { z } from 'zod'
import { SEVERITIES } from '../rules/severity.js'
import { REPORT } from './report-schema.js'
import { list, VERDICT } from './schema-parts.js'

const VERSION = z.string().describe('Semantic version; fields are only added within a major')
const SEVERITY = z.enum(SEVERITIES)
const COUNTS = z.object({
  isolated: z.number().int(),
  'isolated-with-caveats': z.number().int(),
  'not-isolated': z.number().int(),
  unknown: z.number().int(),
})
const PATH = z.string().describe('Where it was read from')

/** A host on a line of its own. A test holds that it infers exactly `HostLine`. */
export const HOST_LINE = z
  .object({
    schema: z.literal('intremap/host'),
    schemaVersion: VERSION,
    path: PATH,
    tool: REPORT.shape.tool,
    architecture: z.string(),
    kernelRelease: z.string(),
    machine: REPORT.shape.platform.shape.machine,
    verdict: VERDICT.describe('The weakest of the endpoints that count, that of their groups included'),
    devices: COUNTS.describe('Endpoints that count, by verdict'),
    assignable: z.number().int().describe('Those of them that may be handed out now'),
    findings: list(
      z.object({
        rule: z.string(),
        severity: SEVERITY.describe('The severest of its findings'),
        count: z.number().int(),
      }),
    ).describe('Rules that did not pass, in order'),
    unread: z.number().int().describe('Pieces of evidence that could not be read'),
    exitCode: REPORT.shape.exitCode,
  })
  .describe('What a fleet is told of one host')

/** A path of which nothing can be said. */
export const HOST_ERROR = z
  .object({ schema: z.literal('intremap/host'), schemaVersion: VERSION, path: PATH, error: z.string() })
  .describe('A path that holds no machine, and why')

/** A line of `fleet --format ndjson`. */
export const HOST = z.union([HOST_LINE, HOST_ERROR]).describe('A host of a fleet, on a line of its own')

/** The shape of `fleet --json`. A test holds that it infers exactly `FleetReport`. */
export const FLEET = z
  .object({
    schema: z.literal('intremap/fleet'),
    schemaVersion: VERSION,
    hosts: COUNTS.describe('Hosts by verdict'),
    devices: COUNTS.describe('Endpoints that count, by verdict'),
    assignable: z.number().int().describe('Endpoints that may be handed out now'),
    findings: list(z.object({ rule: z.string(), severity: SEVERITY, hosts: z.number().int() })).describe(
      'Hosts on which each rule did not pass, the most frequent first',
    ),
    clusters: list(
      z.object({
        hosts: z.number().int(),
        verdict: VERDICT,
        machine: z.string(),
        firmwareVersion: z.string(),
        firmwareFingerprint: z.string(),
        kernelRelease: z.string(),
        rules: list(z.string()).describe('Rules above info that did not pass'),
        examples: list(z.string()).describe('Paths of the first of them'),
      }),
    ).describe('Hosts that are alike, the worst kind first'),
    unclustered: z.number().int().describe('Hosts of kinds that were too many to keep apart'),
    errors: z
      .object({ count: z.number().int(), first: list(z.object({ path: z.string(), error: z.string() })) })
      .describe('Paths of which nothing can be said'),
    exitCode: z
      .literal([0, 1, 3])
      .describe('1 a host has a device that is not isolated, 3 none has and one cannot be judged'),
  })
  .describe('What many hosts come to')
