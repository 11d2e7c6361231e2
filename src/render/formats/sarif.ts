import type { Artifact, Location, Log, PhysicalLocation, ReportingDescriptor, Result } from 'sarif'
import type { FindingsDocument, Place, PlacedFinding, RuleResult } from '../../report/lint/findings-document.js'
import type { Severity } from '../../report/types.js'
import { toJson } from './json.js'
import { machinesWords } from '../words/rule-words.js'

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json'

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
}
/** Scores as code scanning sorts them: critical over 9, high over 7, medium over 4. */
const SCORES: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
  info: '0.0',
}

/** `table-damaged` is `TableDamaged`. */
function nameOf(slug: string): string {
  return slug.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** A path as a URI: absolute ones by scheme `file`, others relative. */
function uriOf(path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  return path.startsWith('/') ? `file://${encoded}` : encoded
}

function physicalLocation({ path, offset, length }: Place): PhysicalLocation {
  const artifactLocation = { uri: uriOf(path) }
  if (offset === undefined) return { artifactLocation }
  return { artifactLocation, region: { byteOffset: offset, ...(length === undefined ? {} : { byteLength: length }) } }
}

function descriptor({ rule }: RuleResult): ReportingDescriptor {
  const remedy = rule.remedy.map((step) => `${step.text} (${step.actor}${machinesWords(step)})`).join(' ')
  return {
    id: rule.id,
    name: nameOf(rule.slug),
    shortDescription: { text: rule.title },
    fullDescription: { text: `${rule.checks} ${rule.why}` },
    help: { text: `${remedy} Limits: ${rule.limits}` },
    defaultConfiguration: { level: LEVELS[rule.severity] },
    properties: {
      tags: [rule.scope],
      'security-severity': SCORES[rule.severity],
      effect: rule.effect,
      references: rule.references.map(({ title, locator }) => `${title}: ${locator}`),
    },
  }
}

/** What stays the same from run to run: rule, subject and place, not the words. */
function fingerprint({ finding, places }: PlacedFinding): string {
  const place = places[0]
  const at = place ? `${place.path}@${place.offset ?? 'file'}` : 'none'
  return [finding.rule, finding.outcome, finding.subject, at].join('|')
}

function result(placed: PlacedFinding, ruleIndex: number): Result {
  const { finding, places, notes } = placed
  const [first, ...others] = places
  const unknown = finding.outcome === 'unknown'
  const node = first?.node
  const location: Location = {
    ...(first ? { physicalLocation: physicalLocation(first) } : {}),
    logicalLocations: [finding.subject, ...(node === undefined || node === finding.subject ? [] : [node])].map(
      (fullyQualifiedName) => ({ fullyQualifiedName }),
    ),
  }
  const related = others.map((place, index): Location => ({
    id: index + 1,
    physicalLocation: physicalLocation(place),
    ...(place.node === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: place.node }] }),
    ...(place.value === '' ? {} : { message: { text: place.value } }),
  }))
  return {
    ruleId: finding.rule,
    ruleIndex,
    // The format has no level for what could not be told.
    kind: unknown ? 'open' : 'fail',
    level: unknown ? 'none' : LEVELS[finding.severity],
    message: { text: [finding.summary, ...notes].join(' ') },
    locations: [location],
    ...(related.length > 0 ? { relatedLocations: related } : {}),
    partialFingerprints: { 'intremapFinding/v1': fingerprint(placed) },
    properties: {
      severity: finding.severity,
      actor: finding.actor,
      remedy: finding.remedy,
      devices: finding.devices,
      references: finding.references,
    },
  }
}

function artifacts(document: FindingsDocument): readonly Artifact[] {
  const uris = new Set(
    document.results.flatMap(({ findings }) => findings.flatMap(({ places }) => places.map(({ path }) => uriOf(path)))),
  )
  return [...uris].sort().map((uri) => ({ location: { uri } }))
}

/**
 * Findings as SARIF 2.1.0. Offsets are bytes in tables and blobs; what a rule could not tell is a result of kind `open`,
 * never a pass.
 */
export function renderSarif(document: FindingsDocument): string {
  const { tool, results, exitCode } = document
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: tool.name,
            semanticVersion: tool.version,
            properties: { ruleset: tool.ruleset },
            rules: results.map(descriptor),
          },
        },
        invocations: [{ executionSuccessful: true, exitCode }],
        artifacts: [...artifacts(document)],
        columnKind: 'utf16CodeUnits',
        results: results.flatMap(({ findings }, index) => findings.map((finding) => result(finding, index))),
      },
    ],
  }
  return toJson(log)
}
