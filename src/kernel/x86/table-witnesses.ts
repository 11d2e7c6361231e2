import type { DmarTable } from '../../machine/dmar.js'
import type { IvrsTable } from '../../machine/ivrs.js'
import { hex } from '../../machine/identifiers.js'
import type { KernelView } from '../context.js'
import { ioApicsInNoScope, scopeWithoutRoom } from './dmar-io-apics.js'
import { ioApicsOf, type IoApic } from './io-apics.js'
import { checkIoApics, refusedSpecialDevice, type IvrsNaming } from './ivrs-io-apics.js'
import { ivrsQuirkOf } from './ivrs-quirks.js'
import { ivrsWords } from './ivrs-words.js'
import { against, type RemappingWitness } from './remapping-witness.js'

const DMAR = 'sys/firmware/acpi/tables/DMAR'
const IVRS = 'sys/firmware/acpi/tables/IVRS'
const MADT = 'sys/firmware/acpi/tables/APIC'
/** Bits of a page address, less one: a host address width field below it is refused. */
const LEAST_WIDTH = 11

const placeOf = ({ offset, length, id, gsiBase }: IoApic) => ({
  path: MADT,
  at: { offset, length },
  excerpt: `IO-APIC ${id}, GSI base ${gsiBase}`,
})

/** The IO-APICs of the machine; undefined where its MADT is not known. */
export function ioApicsOfMachine(view: KernelView): readonly IoApic[] | undefined {
  const { madt } = view.machine.acpi
  return madt.state === 'known' ? ioApicsOf(view, madt.value) : undefined
}

/** What names the IO-APICs of an AMD machine. Without a command line that can be read no word counts. */
export function ivrsNaming({ machine, release }: KernelView, ivrs: IvrsTable): IvrsNaming {
  const { commandLine } = machine.kernel
  const words = commandLine.state === 'known' ? commandLine.value : []
  return { ivrs, release, words: ivrsWords(words, 'ivrs_ioapic'), quirk: ivrsQuirkOf(machine.dmi) }
}

/** Source: K: drivers/iommu/intel/dmar.c, parse_dmar_table, dmar_validate_one_drhd, dmar_ir_support. */
function ofDmar(view: KernelView, dmar: DmarTable): readonly RemappingWitness[] {
  const witnesses: RemappingWitness[] = []
  const units = dmar.structures.filter((structure) => structure.type === 'drhd')
  if (dmar.hostAddressWidth < LEAST_WIDTH)
    witnesses.push(
      against('table-refused', {
        path: DMAR,
        at: { offset: 36, length: 1 },
        excerpt: `host address width ${dmar.hostAddressWidth + 1}`,
      }),
    )
  if (units.length === 0) witnesses.push(against('table-refused', { path: DMAR, excerpt: 'no DRHD structure' }))
  for (const { offset, registerBase } of units)
    if (registerBase === 0n)
      witnesses.push(
        against('unit-silent', { path: DMAR, at: { offset: offset + 8, length: 8 }, excerpt: 'register base 0' }),
      )
  if ((dmar.flags & 1) === 0)
    witnesses.push(against('flag-clear', { path: DMAR, at: { offset: 37, length: 1 }, excerpt: 'INTR_REMAP 0' }))
  const crowded = scopeWithoutRoom(dmar)
  if (crowded) {
    const { offset, type, enumerationId } = crowded
    const excerpt = `${type} ${enumerationId} is one more than Linux keeps`
    witnesses.push(against('scope-without-room', { path: DMAR, at: { offset, length: 1 }, excerpt }))
  }
  const ioApics = ioApicsOfMachine(view) ?? []
  for (const one of ioApicsInNoScope(dmar, ioApics).map((ioApic) => against('io-apic-in-no-scope', placeOf(ioApic))))
    witnesses.push(one)
  return witnesses
}

/** Source: K: drivers/iommu/amd/init.c, check_ioapic_information. A table with a wrong checksum was not read at all. */
function ofIvrs(view: KernelView, ivrs: IvrsTable): readonly RemappingWitness[] {
  const foreign = refusedSpecialDevice(ivrs, view.release)
  const refusals = foreign
    ? [against('table-refused', { path: IVRS, at: { offset: foreign.offset, length: 8 }, excerpt: 'special device' })]
    : []
  const ioApics = ioApicsOfMachine(view)
  if (!ioApics) return refusals
  const { refused, southbridge } = checkIoApics(ivrsNaming(view, ivrs), ioApics)
  return [
    ...refusals,
    ...refused.map((ioApic) => against('io-apic-not-in-ivrs', placeOf(ioApic))),
    ...(southbridge === 'no'
      ? [against('southbridge-not-named', { path: IVRS, excerpt: `no IO-APIC at ${hex(0xa0)} (00:14.0)` })]
      : []),
  ]
}

/** What the tables of the firmware say against interrupt remapping; they never prove that it is on. */
export function tableWitnesses(view: KernelView): readonly RemappingWitness[] {
  const { dmar, ivrs } = view.machine.acpi
  if (dmar.state === 'absent' && ivrs.state === 'absent')
    return [against('no-table', { path: 'sys/firmware/acpi/tables', excerpt: 'neither DMAR nor IVRS' })]
  return [
    ...(dmar.state === 'known' ? ofDmar(view, dmar.value) : []),
    ...(ivrs.state === 'known' ? ofIvrs(view, ivrs.value) : []),
  ]
}
