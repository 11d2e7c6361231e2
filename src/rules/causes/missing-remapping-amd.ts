import type { Reference } from '../rule.js'
import { deviceIdsFor } from '../../kernel/x86/ivrs-io-apics.js'
import { ivrsWord, takesForm, type IvrsWord } from '../../kernel/x86/ivrs-words.js'
import { ioApicsOfMachine, ivrsNaming } from '../../kernel/x86/table-witnesses.js'
import { listOf } from '../device-items.js'
import { STONEY_RIDGE } from './both-families.js'
import type { Cause, CauseSubject } from './cause.js'
import { AMD_INIT, decisionAt, obstaclePlaces, wordsAt } from './remapping-obstacles.js'

const IVRS_WORDS: Reference = {
  kind: 'linux',
  title: 'Linux, kernel parameters',
  locator: 'Documentation/admin-guide/kernel-parameters.txt: ivrs_ioapic',
}

/** Words of the command line that name IO-APICs, in a form that this kernel does not take, or may not. */
function strangeWords({ machine, routes: { context } }: CauseSubject): readonly IvrsWord[] {
  const { ivrs } = machine.acpi
  if (ivrs.state !== 'known') return []
  return ivrsNaming(context, ivrs.value).words.filter(({ form }) => takesForm(context.release, form) !== 'yes')
}

/** Words that would name every IO-APIC, as this kernel spells them; those that are in force already left out. */
function wordsFor({ machine, routes: { context } }: CauseSubject): readonly string[] {
  const { ivrs } = machine.acpi
  const ioApics = ioApicsOfMachine(context)
  if (ivrs.state !== 'known' || !ioApics) return []
  const naming = ivrsNaming(context, ivrs.value)
  const { commandLine } = machine.kernel
  const there = new Set(commandLine.state === 'known' ? commandLine.value : [])
  return deviceIdsFor(naming, ioApics)
    .map(({ id, deviceId }) => ivrsWord('ivrs_ioapic', context.release, id, deviceId))
    .filter((word) => !there.has(word))
}

/** DeviceID of 00:14.0, where the southbridge has its IO-APIC (K: IOAPIC_SB_DEVID). */
const SOUTHBRIDGE = 0xa0

/** Ids of the IO-APICs that a text names; what the log says in brackets counts as well. */
function idsAt(text: string): readonly number[] {
  return [...new Set([...text.matchAll(/IO-?APIC(?: |\[)(\d{1,3})/g)].map(([, id = '']) => Number(id)))]
}

/** `IO-APICs 7 and 8`. */
function ioApicsAt(text: string): string {
  const ids = idsAt(text).map(String)
  if (ids.length === 0) return 'the IO-APIC of the southbridge'
  return `IO-APIC${ids.length > 1 ? 's' : ''} ${listOf(ids)}`
}

const unnamedPlaces = (subject: CauseSubject) => obstaclePlaces(subject, 'io-apic-not-in-ivrs', 'southbridge-not-named')

const stoneyRidge: Cause = {
  id: 'stoney-ridge',
  family: 'missing-remapping',
  scope: 'machine',
  ...STONEY_RIDGE,
  references: [AMD_INIT],
  decide: (subject) => decisionAt(obstaclePlaces(subject, 'stoney-ridge')),
}

const ivrsRefused: Cause = {
  id: 'ivrs-refused',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'firmware',
  title: 'Linux refuses the IVRS for its checksum',
  decidedBy: 'The checksum of the IVRS, or the line of the kernel log.',
  summary: 'the checksum of the IVRS is wrong, and Linux leaves the AMD IOMMU off for it',
  remedy: 'Update the firmware, or have its vendor correct the checksum of the IVRS.',
  references: [AMD_INIT],
  decide: (subject) =>
    decisionAt(obstaclePlaces(subject, 'table-refused').filter(({ path }) => !path.endsWith('/DMAR'))),
}

const wordsNotTaken: Cause = {
  id: 'ivrs-words-not-taken',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'configuration',
  title: 'The kernel does not take the spelling of ivrs_ioapic',
  decidedBy: 'Words of the command line with @, which Linux takes from 6.2 on and in updates of older series.',
  summary: 'the IVRS does not name {ioApics}, and this kernel does not take {words}, which is spelled as 6.2 spells it',
  remedy: 'Put {instead} in place of {words} on the kernel command line and restart.',
  references: [IVRS_WORDS, AMD_INIT],
  decide: (subject) => {
    const places = unnamedPlaces(subject)
    const words = strangeWords(subject)
    if (words.length === 0) return undefined
    const instead = words.map(({ id, deviceId }) =>
      ivrsWord('ivrs_ioapic', subject.routes.context.release, id, deviceId),
    )
    return decisionAt(places, {
      ioApics: ioApicsAt(wordsAt(places)),
      words: words.map(({ word }) => word).join(' '),
      instead: instead.join(' '),
    })
  },
}

const ioApicNotNamed: Cause = {
  id: 'io-apic-not-in-ivrs',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'configuration',
  title: 'The IVRS does not name an IO-APIC of the MADT',
  decidedBy:
    'IO-APIC ids of the MADT against special device entries of the IVRS, ivrs_ioapic words and the quirks of Linux.',
  summary: 'the IVRS does not name {ioApics} of the MADT where Linux wants it, and Linux then turns remapping off',
  remedy:
    'Add {words} to the kernel command line and restart: the southbridge has its IO-APIC at 00:14.0, other ids are those of this board as far as its tables tell. A firmware whose IVRS names {ioApics} makes the words needless.',
  references: [AMD_INIT, IVRS_WORDS],
  decide: (subject) => {
    const places = unnamedPlaces(subject)
    const words = wordsFor(subject)
    return words.length === 0
      ? undefined
      : decisionAt(places, { ioApics: ioApicsAt(wordsAt(places)), words: words.join(' ') })
  },
}

const ioApicUnknown: Cause = {
  id: 'io-apic-device-id-unknown',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'firmware',
  title: 'The IVRS does not name an IO-APIC, and nothing tells its device id',
  decidedBy: 'Lines of the kernel log, or tables that give no device id for an IO-APIC.',
  summary: 'the IVRS does not name {ioApics}, and Linux then turns remapping off',
  remedy: 'Update the firmware; until its IVRS names {ioApics}, {words} on the kernel command line does{how}.',
  references: [AMD_INIT, IVRS_WORDS],
  decide: (subject) => {
    const places = unnamedPlaces(subject)
    // A witness of the log is one line; every IO-APIC has its own.
    const said = [wordsAt(places), ...subject.routes.context.hazards.of(/IOAPIC\[\d{1,3}\] not in IVRS table/)].join(
      ' ',
    )
    const [id, other] = idsAt(said)
    const wordOf = (of: number) => ivrsWord('ivrs_ioapic', subject.routes.context.release, of, SOUTHBRIDGE)
    // Where the southbridge's is missing and only one is, it is that one.
    const isSouthbridge =
      id !== undefined && other === undefined && obstaclePlaces(subject, 'southbridge-not-named').length > 0
    return decisionAt(places, {
      ioApics: ioApicsAt(said),
      words: isSouthbridge ? wordOf(id) : `a word ${wordOf(0).replace('0', 'ID')} for each`,
      how: isSouthbridge
        ? ', for the southbridge has its IO-APIC at 00:14.0'
        : ', with the device id of that IO-APIC from the vendor; as root, intremap reads which ones the tables leave out',
    })
  },
}

/** Only a missing IO-APIC makes Linux print it (K: check_ioapic_information); the lines before it say which. */
const TURNED_OFF = /^AMD-Vi: Disabling interrupt remapping/

const ivrsAmiss: Cause = {
  id: 'ivrs-io-apics-amiss',
  family: 'missing-remapping',
  scope: 'machine',
  actor: 'firmware',
  title: 'The IVRS does not name the IO-APICs as Linux wants it, and nothing tells which one is missing',
  decidedBy: 'The line of the kernel log that turns remapping off, without the lines before it.',
  summary: 'the IVRS does not name an IO-APIC of this machine, and Linux then turns remapping off',
  remedy:
    'Update the firmware; lines "[Firmware Bug]: AMD-Vi" of the kernel log name the IO-APIC that its IVRS leaves out, and ivrs_ioapic on the kernel command line can stand in.',
  references: [AMD_INIT, IVRS_WORDS],
  decide: (subject) =>
    decisionAt(obstaclePlaces(subject, 'observed').filter(({ excerpt = '' }) => TURNED_OFF.test(excerpt))),
}

/** Why an IO-APIC has no device id that Linux takes, the surest first. */
export const IO_APIC_UNNAMED: readonly Cause[] = [wordsNotTaken, ioApicNotNamed, ioApicUnknown]

/** In the order of early_amd_iommu_init. */
export const AMD_MISSING_REMAPPING: readonly Cause[] = [stoneyRidge, ivrsRefused, ...IO_APIC_UNNAMED, ivrsAmiss]
