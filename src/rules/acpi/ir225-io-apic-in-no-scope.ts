import { ioApicsInNoScope } from '../../kernel/x86/dmar-io-apics.js'
import { ioApicWithoutScope } from '../causes/missing-remapping-intel.js'
import {
  causeOn,
  ioApicEvidence,
  ioApicsFor,
  dmarRule,
  linuxDmar,
  placeEvidence,
  scopeLength,
  vtdClause,
} from './x86-judgement.js'

export const ioApicInNoScope = dmarRule({
  id: 'IR225',
  slug: 'io-apic-in-no-scope',
  title: 'An IO-APIC of the MADT is in no device scope of the DMAR',
  severity: 'high',
  effect: 'none',
  checks:
    'The ids of the IO-APICs of the MADT against the enumeration ids of the scopes of type IO-APIC in every DRHD.',
  why: 'Linux turns interrupt remapping off for the whole machine where one IO-APIC has no unit, so that a device raises any interrupt.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Name every IO-APIC of the MADT in the device scope of one DRHD, with the same id.',
    },
  ],
  limits:
    'Nothing is said of a DMAR without INTR_REMAP. An IO-APIC at which nothing answers is left out by Linux, which only its log tells.',
  references: [
    vtdClause('section 8.3.1, Device Scope: Enumeration ID of an IO-APIC'),
    linuxDmar('irq_remapping.c: parse_ioapics_under_ir'),
  ],
  messages: {
    missing: 'IO-APIC {id} of the MADT is in no device scope of the DMAR{named}.',
  },
  judge: (at) => {
    // Without INTR_REMAP nothing looks at these scopes; rule IR224 speaks.
    if ((at.table.flags & 1) === 0) return { failed: [], applicable: false }
    const ioApics = ioApicsFor(at)
    if (!('map' in ioApics)) return { failed: [], unknown: [ioApics] }
    const scopes = at.table.structures.flatMap((structure) =>
      structure.type === 'drhd' ? structure.scopes.filter(({ type }) => type === 'io-apic') : [],
    )
    const ids = [...new Set(scopes.map(({ enumerationId }) => enumerationId))].slice(0, 8).join(', ')
    const named = ids === '' ? ', which names none' : `, which names ${ids}`
    const linux = 'Linux then leaves interrupt remapping off for the whole machine.'
    const places = scopes
      .slice(0, 4)
      .map((scope) =>
        placeEvidence(at.path, scope.offset, scopeLength(scope), `scope of IO-APIC ${scope.enumerationId}`),
      )
    const cause = causeOn(at, ioApicWithoutScope)
    return {
      failed: ioApicsInNoScope(at.table, ioApics).map((ioApic) => ({
        subject: `IO-APIC ${ioApic.id}`,
        devices: [],
        message: 'missing',
        details: { id: String(ioApic.id), named },
        linux,
        evidence: [ioApicEvidence(at, ioApic), ...places],
        ...cause,
      })),
      applicable: ioApics.length > 0,
    }
  },
})
