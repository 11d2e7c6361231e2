import type { DmarDeviceScope, DmarStructure, DmarTable } from '../../machine/dmar.js'
import { hex } from '../../machine/identifiers.js'
import type { OutcomeItem } from '../rule.js'
import { functionOfScope } from './dmar-scope-functions.js'
import {
  dmarRule,
  linuxDmar,
  placeEvidence,
  scopeLength,
  structuresOf,
  structureSubject,
  structureWords,
  vtdClause,
  type TableCase,
} from './x86-judgement.js'

const hex2 = (value: number) => value.toString(16).padStart(2, '0')

/** `00:1f.0`, each further step of the path behind a slash. */
const scopeWords = ({ startBus, path }: DmarDeviceScope) =>
  `${hex2(startBus)}:${path.map(({ device, function: fn }) => `${hex2(device)}.${fn}`).join('/')}`

type Scoped = Extract<DmarStructure, { readonly scopes: readonly DmarDeviceScope[] }>

function itemOf(
  at: TableCase<DmarTable>,
  structure: Scoped,
  scope: DmarDeviceScope,
  acpiDevices: ReadonlySet<number>,
): OutcomeItem | undefined {
  const { context } = at.routes
  const common = {
    subject: structureSubject(scope),
    devices: [],
    evidence: [placeEvidence(at.path, scope.offset, scopeLength(scope), `${scope.type} ${scopeWords(scope)}`)],
  }
  const details = { structure: structureWords(structure), at: hex(scope.offset), path: scopeWords(scope) }
  if (scope.path.length === 0) {
    const linux = 'Linux compares the path with that of functions, so that the scope is for none.'
    return { ...common, message: 'empty', details, linux, severity: 'medium' }
  }
  if (scope.type === 'namespace') {
    if (acpiDevices.has(scope.enumerationId)) return undefined
    const linux = 'Linux finds the object of such a scope by that structure, so that the scope is for none.'
    return { ...common, message: 'no-object', details: { ...details, id: String(scope.enumerationId) }, linux }
  }
  const isFunction = scope.type === 'endpoint' || scope.type === 'bridge'
  if (!isFunction || at.machine.functions.state !== 'known') return undefined
  if (functionOfScope(context, structure.segment, scope) !== undefined) return undefined
  const linux = 'Linux leaves such a scope empty; the device may be one that the firmware setup turned off.'
  return { ...common, message: 'no-device', details, linux, severity: 'info' }
}

export const scopeWithoutDevice = dmarRule({
  id: 'IR230',
  slug: 'scope-without-device',
  title: 'A device scope of the DMAR is for no device',
  severity: 'low',
  effect: 'none',
  checks: 'Paths of device scopes against the functions that are there, and ACPI devices against the ANDD structures.',
  why: 'What the scope was meant for gets another unit than it has, or none of its reserved memory.',
  remedy: [
    { actor: 'firmware', text: 'Correct the path of the device scope, or leave it out where the device is off.' },
  ],
  limits: 'Functions are compared only where the machine was there to be read; bridges may be numbered anew by Linux.',
  references: [
    vtdClause('section 8.3.1, Device Scope structure; section 8.7, ANDD'),
    linuxDmar('dmar.c: dmar_insert_dev_scope, dmar_acpi_insert_dev_scope'),
  ],
  messages: {
    empty: 'The device scope at {at} of the {structure} has no path.',
    'no-object': 'The device scope at {at} of the {structure} names ACPI device {id}, for which there is no ANDD.',
    'no-device': 'The device scope at {at} of the {structure} names {path}, where no function is.',
  },
  judge: (at) => {
    const scoped = at.table.structures.filter((structure): structure is Scoped => 'scopes' in structure)
    const acpiDevices = new Set(structuresOf(at, 'andd').map(({ deviceNumber }) => deviceNumber))
    const failed = scoped.flatMap((structure) =>
      structure.scopes.flatMap((scope) => itemOf(at, structure, scope, acpiDevices) ?? []),
    )
    return { failed, applicable: scoped.some(({ scopes }) => scopes.length > 0) }
  },
})
