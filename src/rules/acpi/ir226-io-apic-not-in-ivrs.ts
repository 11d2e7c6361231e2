import { checkIoApics, ioApicsOfIvrs } from '../../kernel/x86/ivrs-io-apics.js'
import { ivrsNaming } from '../../kernel/x86/table-witnesses.js'
import { IO_APIC_UNNAMED } from '../causes/missing-remapping-amd.js'
import type { OutcomeItem } from '../rule.js'
import { causeOn, amdClause, ioApicEvidence, ioApicsFor, ivrsRule, linuxAmd, placeEvidence } from './x86-judgement.js'

const ENTRY_LENGTH = 8

export const ioApicNotInIvrs = ivrsRule({
  id: 'IR226',
  slug: 'io-apic-not-in-ivrs',
  title: 'An IO-APIC of the MADT has no special device entry in the IVRS',
  severity: 'high',
  effect: 'none',
  checks:
    'The ids of the IO-APICs of the MADT against the special device entries (type 48h, variety 1) of the IVHD blocks that Linux uses.',
  why: 'Linux turns interrupt remapping off for the whole machine where one IO-APIC has no device id, so that a device raises any interrupt.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Give every IO-APIC of the MADT a special device entry with its id as handle; until then ivrs_ioapic on the kernel command line names it.',
    },
  ],
  limits: 'The device id that an IO-APIC really has cannot be seen.',
  references: [
    amdClause('IVHD device entry type 48h, special device'),
    linuxAmd('check_ioapic_information, get_highest_supported_ivhd_type'),
  ],
  messages: {
    missing: 'IO-APIC {id} of the MADT has no special device entry in the IVRS{named}.',
    mended: 'IO-APIC {id} of the MADT has no special device entry in the IVRS{named}.',
  },
  judge: (at) => {
    const ioApics = ioApicsFor(at)
    if (!('map' in ioApics)) return { failed: [], unknown: [ioApics] }
    const naming = ivrsNaming(at.routes.context, at.table)
    const named = ioApicsOfIvrs(at.table, naming.release)
    const { unnamed } = checkIoApics({ ...naming, words: [], quirk: undefined }, ioApics)
    const left = new Set(checkIoApics(naming, ioApics).unnamed.map(({ id }) => id))
    const ids = named.map(({ id }) => id).join(', ')
    const cause = causeOn(at, ...IO_APIC_UNNAMED)
    const failed = unnamed.map((ioApic): OutcomeItem => {
      const mended = !left.has(ioApic.id)
      return {
        subject: `IO-APIC ${ioApic.id}`,
        devices: [],
        message: mended ? 'mended' : 'missing',
        details: {
          id: String(ioApic.id),
          named: ids === '' ? ', which names none' : `, which names ${ids}`,
        },
        linux: mended
          ? 'Linux knows it from the command line or by a quirk, and remaps.'
          : 'Linux then leaves interrupt remapping off for the whole machine.',
        evidence: [
          ioApicEvidence(at, ioApic),
          ...named
            .slice(0, 4)
            .map(({ id, offset }) => placeEvidence(at.path, offset, ENTRY_LENGTH, `special entry of IO-APIC ${id}`)),
        ],
        ...(mended ? { severity: 'low' as const } : cause),
      }
    })
    return { failed, applicable: ioApics.length > 0 }
  },
})
