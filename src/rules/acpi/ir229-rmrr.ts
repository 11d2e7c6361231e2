import type { DmarStructure, DmarTable } from '../../machine/dmar.js'
import { hex } from '../../machine/identifiers.js'
import type { PciFunction } from '../../machine/pci.js'
import type { OutcomeItem } from '../rule.js'
import { functionOfScope } from './dmar-scope-functions.js'
import {
  dmarRule,
  linuxDmar,
  placeEvidence,
  structuresOf,
  structureSubject,
  structureWords,
  vtdClause,
  type TableCase,
} from './x86-judgement.js'

type Rmrr = Extract<DmarStructure, { readonly type: 'rmrr' }>

const PAGE = 0x1000n
const BRIDGE = 0x06
const DISPLAY = 0x03
const USB = 0x0c03

function faultsOf({ base, end, scopes }: Rmrr): readonly string[] {
  return [
    ...(base % PAGE === 0n ? [] : ['its base is no page address']),
    ...((end + 1n) % PAGE === 0n ? [] : ['its limit is not the last byte of a page']),
    ...(end <= base ? ['its limit is not above its base'] : []),
    ...(scopes.length === 0 ? ['it is for no device'] : []),
  ]
}

/** K: device_rmrr_is_relaxable: USB controllers and graphics are let go. Bridges are not assigned. */
function refuses({ classCode }: PciFunction): boolean {
  if (classCode.state !== 'known') return false
  const { value } = classCode
  return value >> 8 !== USB && value >> 16 !== DISPLAY && value >> 16 !== BRIDGE
}

function itemsOf({ routes: { context }, path }: TableCase<DmarTable>, rmrr: Rmrr): readonly OutcomeItem[] {
  const range = `${hex(rmrr.base)} to ${hex(rmrr.end)}`
  const common = { subject: structureSubject(rmrr), devices: [] as readonly string[] }
  const evidence = [placeEvidence(path, rmrr.offset, rmrr.length, range)]
  const details = { structure: structureWords(rmrr), range }
  const faults = faultsOf(rmrr)
  const malformed: OutcomeItem = {
    ...common,
    message: 'malformed',
    details: { ...details, faults: faults.join(', ') },
    linux: 'Linux warns that the firmware is broken and goes on.',
    evidence,
  }
  const held = rmrr.scopes.flatMap((scope) => {
    const fn = scope.type === 'endpoint' ? functionOfScope(context, rmrr.segment, scope) : undefined
    return fn !== undefined && fn !== 'unknown' && refuses(fn) ? [fn.name] : []
  })
  const assigned: OutcomeItem = {
    ...common,
    devices: held,
    message: 'assignable',
    details: {
      ...details,
      devices: held.join(', '),
    },
    linux: 'VFIO refuses such a device: its memory has to stay where it is (USB controllers and graphics are let go).',
    evidence,
  }
  return [...(faults.length > 0 ? [malformed] : []), ...(held.length > 0 ? [assigned] : [])]
}

export const rmrrRule = dmarRule({
  id: 'IR229',
  slug: 'rmrr',
  title: 'A reserved memory region of the DMAR (RMRR) is malformed, or keeps a device on the host',
  severity: 'medium',
  effect: 'none',
  checks:
    'Base and limit of every RMRR: whole pages, the limit above the base; and which functions its device scopes lead to.',
  why: 'The region says which memory a device goes on using. It has to stay mapped one to one, so the device cannot be given away; one that is malformed protects other memory than meant.',
  remedy: [
    {
      actor: 'firmware',
      messages: ['malformed'],
      text: 'Let the RMRR begin at a page, end with the last byte of a page, and name its device.',
    },
    {
      actor: 'firmware',
      messages: ['assignable'],
      text: 'Turn off in the firmware setup what uses the memory (shared memory features of network cards, legacy support), or have the vendor release the region for this device.',
    },
  ],
  limits: 'Whether the device still uses the memory cannot be seen.',
  references: [
    vtdClause('section 8.4, Reserved Memory Region Reporting Structure'),
    linuxDmar('iommu.c: rmrr_sanity_check, device_rmrr_is_relaxable'),
  ],
  messages: {
    malformed: 'The {structure} ({range}) is malformed: {faults}.',
    assignable: 'The {structure} ({range}) is for {devices}.',
  },
  judge: (at) => {
    const regions = structuresOf(at, 'rmrr')
    return { failed: regions.flatMap((rmrr) => itemsOf(at, rmrr)), applicable: regions.length > 0 }
  },
})
