import { checkIoApics, ioApicsOfIvrs } from '../../kernel/x86/ivrs-io-apics.js'
import { ivrsNaming } from '../../kernel/x86/table-witnesses.js'
import { hex } from '../../machine/identifiers.js'
import { IO_APIC_UNNAMED } from '../causes/missing-remapping-amd.js'
import { amdClause, causeOn, ioApicsFor, ivrsRule, linuxAmd, placeEvidence } from './x86-judgement.js'

const ENTRY_LENGTH = 8

export const southbridgeNotNamed = ivrsRule({
  id: 'IR227',
  slug: 'southbridge-not-named',
  title: 'The IVRS has the IO-APIC of the southbridge at another place',
  severity: 'high',
  effect: 'none',
  checks:
    'Whether an IO-APIC of the MADT that the IVRS names has the device id 00:14.0, where the southbridge has its IO-APIC.',
  why: 'The timer is wired to that IO-APIC. Linux turns interrupt remapping off rather than lose it.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Give the IO-APIC of the southbridge the device id 00:14.0 in the IVRS; until then ivrs_ioapic on the kernel command line does.',
    },
  ],
  limits:
    'Where the southbridge is cannot be seen; some Hygon processors have it at 00:0b.0, which newer kernels take.',
  references: [amdClause('IVHD device entry type 48h, special device'), linuxAmd('check_ioapic_information')],
  messages: {
    elsewhere: 'No IO-APIC of the MADT is at 00:14.0 in the IVRS{named}.',
  },
  judge: (at) => {
    const ioApics = ioApicsFor(at)
    if (!('map' in ioApics)) return { failed: [], unknown: [ioApics] }
    const naming = ivrsNaming(at.routes.context, at.table)
    const { unnamed, southbridge } = checkIoApics({ ...naming, words: [], quirk: undefined }, ioApics)
    // Where no IO-APIC is named at all rule IR226 speaks.
    if (southbridge !== 'no' || unnamed.length === ioApics.length)
      return { failed: [], applicable: ioApics.length > unnamed.length }
    const mended = checkIoApics(naming, ioApics).southbridge !== 'no'
    const named = ioApicsOfIvrs(at.table, naming.release)
    const linux = mended
      ? 'Linux knows it from the command line or by a quirk, and remaps.'
      : 'Linux then leaves interrupt remapping off for the whole machine.'
    const words = named.map(({ id, deviceId }) => `IO-APIC ${id} at ${hex(deviceId)}`)
    return {
      failed: [
        {
          subject: 'IVRS southbridge',
          devices: [],
          message: 'elsewhere',
          details: { named: words.length > 0 ? `, which has ${words.slice(0, 8).join(', ')}` : '' },
          linux,
          evidence: named
            .slice(0, 4)
            .map(({ offset }, index) => placeEvidence(at.path, offset, ENTRY_LENGTH, words[index] ?? '')),
          ...(mended ? { severity: 'low' as const } : causeOn(at, ...IO_APIC_UNNAMED)),
        },
      ],
    }
  },
})
