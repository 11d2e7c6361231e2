import type { IvrsTable } from '../../machine/ivrs.js'
import { atLeast, mayCarryLaterCode, type KernelRelease } from '../release.js'
import type { IoApic } from './io-apics.js'
import type { IvrsQuirk } from './ivrs-quirks.js'
import { takesForm, type IvrsWord } from './ivrs-words.js'

/** 00:14.0, where the IO-APIC of the southbridge has to be. */
export const SOUTHBRIDGE = 0xa0
/** 00:0b.0, where newer kernels take it on some Hygon processors. */
const HYGON_SOUTHBRIDGE = 0x58
const IO_APIC = 1
const HPET = 2

const LEGACY_TYPE = 0x10
const HIGHEST_TYPE = 0x40

/**
 * The IVHD type whose blocks Linux uses: the last one up to 0x40 that the first unit has; before 4.7 always 0x10.
 * Source: K: drivers/iommu/amd/init.c, get_highest_supported_ivhd_type.
 */
export function ivhdTypeInUse({ blocks }: IvrsTable, release: KernelRelease | undefined): number {
  if (release && !atLeast(release, 4, 7)) return LEGACY_TYPE
  const [first] = blocks
  if (!first) return LEGACY_TYPE
  let type = first.typeCode
  for (const block of blocks) {
    if (block.typeCode > HIGHEST_TYPE) break
    if (block.type !== 'unknown' && first.type !== 'unknown' && block.deviceId === first.deviceId) type = block.typeCode
  }
  return type
}

/** An IO-APIC named by the IVRS. */
export interface NamedIoApic {
  readonly id: number
  /** Segment in bits 16 to 31, bus, device and function below. */
  readonly deviceId: number
  /** Place of the entry. */
  readonly offset: number
}

/** What the blocks that Linux uses say of special devices, with the segment of each. */
function specialsInUse(ivrs: IvrsTable, release: KernelRelease | undefined) {
  const type = ivhdTypeInUse(ivrs, release)
  return ivrs.blocks.flatMap((block) =>
    block.type === 'ivhd' && block.typeCode === type
      ? block.entries.flatMap(({ special, offset }) =>
          special ? [{ ...special, offset, segment: block.segment }] : [],
        )
      : [],
  )
}

/**
 * The first special device that is neither IO-APIC nor HPET: Linux gives the whole table up, DMA remapping included.
 * Source: K: drivers/iommu/amd/init.c, add_special_device, init_iommu_from_acpi.
 */
export function refusedSpecialDevice(
  ivrs: IvrsTable,
  release: KernelRelease | undefined,
): { readonly offset: number } | undefined {
  return specialsInUse(ivrs, release).find(({ variety }) => variety !== IO_APIC && variety !== HPET)
}

/** Special device entries of variety IO-APIC in the blocks that Linux uses, in table order. */
export function ioApicsOfIvrs(ivrs: IvrsTable, release: KernelRelease | undefined): readonly NamedIoApic[] {
  return specialsInUse(ivrs, release).flatMap(({ variety, handle, usedDeviceId, segment, offset }) =>
    variety === IO_APIC ? [{ id: handle, deviceId: segment * 0x10000 + usedDeviceId, offset }] : [],
  )
}

/** What gives IO-APICs their device ids. */
export interface IvrsNaming {
  readonly ivrs: IvrsTable
  readonly release: KernelRelease | undefined
  /** `ivrs_ioapic` words of the command line. */
  readonly words: readonly IvrsWord[]
  readonly quirk: IvrsQuirk | undefined
}

export interface IvrsIoApicCheck {
  /** IO-APICs that nothing gives a device id. */
  readonly unnamed: readonly IoApic[]
  /** Those of them for which this kernel turns interrupt remapping off. */
  readonly refused: readonly IoApic[]
  /** Whether one of the machine's IO-APICs is named at 00:14.0, as this kernel wants it. */
  readonly southbridge: 'yes' | 'no' | 'unknown'
  /** Whether the check leaves interrupt remapping on. */
  readonly remapping: 'on' | 'off' | 'unknown'
}

/**
 * What a kernel makes of IO-APICs that nothing names: `last` lets a southbridge that stands behind them in the MADT make
 * up for them, `every` does not, and wants the southbridge's to be that at GSI 0. 6.1.176 has the one, 6.12.117 and 7.2
 * the other; which of the series between them have it nobody looked up.
 */
function checkRuleOf(release: KernelRelease | undefined): 'last' | 'every' | 'unknown' {
  if (!release || mayCarryLaterCode(release)) return 'unknown'
  if (atLeast(release, 7, 2) || (release.major === 6 && release.minor === 12 && release.patch >= 117)) return 'every'
  return atLeast(release, 6, 2) ? 'unknown' : 'last'
}

/**
 * Whether Linux leaves interrupt remapping on: every IO-APIC of the MADT needs a device id, from the command line, a
 * quirk of Linux or the IVRS, the first of them counting; and one of them has to be the southbridge's. Where it is not
 * sure which rule a kernel has, what only one of them refuses is unknown.
 * Source: K: drivers/iommu/amd/init.c, check_ioapic_information, add_special_device; since 3.7.
 */
export function checkIoApics(naming: IvrsNaming, ioApics: readonly IoApic[]): IvrsIoApicCheck {
  const { ivrs, release, words, quirk } = naming
  const deviceIds = new Map<number, number>()
  const add = ({ id, deviceId }: { readonly id: number; readonly deviceId: number }) => {
    if (!deviceIds.has(id)) deviceIds.set(id, deviceId)
  }
  for (const word of words) if (takesForm(release, word.form) !== 'no') add(word)
  if (!release || atLeast(release, 5, 4)) for (const ioApic of quirk?.ioApics ?? []) add(ioApic)
  for (const named of ioApicsOfIvrs(ivrs, release)) add(named)

  const unnamed = ioApics.filter(({ id }) => !deviceIds.has(id))
  const isAt = (wanted: number) => (ioApic: IoApic) => deviceIds.get(ioApic.id) === wanted
  const rule = checkRuleOf(release)
  const behindSouthbridge = ioApics.slice(ioApics.findLastIndex(isAt(SOUTHBRIDGE)) + 1)
  const refused = rule === 'every' ? unnamed : unnamed.filter((ioApic) => behindSouthbridge.includes(ioApic))
  const southbridge = southbridgeOf(ioApics, isAt, rule)
  if (refused.length > 0 || southbridge === 'no') return { unnamed, refused, southbridge, remapping: 'off' }
  const certain = southbridge === 'yes' && (rule === 'last' || unnamed.length === 0)
  return { unnamed, refused, southbridge, remapping: certain ? 'on' : 'unknown' }
}

function southbridgeOf(
  ioApics: readonly IoApic[],
  isAt: (wanted: number) => (ioApic: IoApic) => boolean,
  rule: ReturnType<typeof checkRuleOf>,
): IvrsIoApicCheck['southbridge'] {
  const anywhere = ioApics.some(isAt(SOUTHBRIDGE))
  if (rule === 'last') return anywhere ? 'yes' : 'no'
  const atGsiZero = ioApics.filter(({ gsiBase }) => gsiBase === 0)
  if (atGsiZero.some(isAt(SOUTHBRIDGE))) return 'yes'
  if (atGsiZero.some(isAt(HYGON_SOUTHBRIDGE))) return 'unknown'
  return rule === 'unknown' && anywhere ? 'unknown' : 'no'
}

/** 00:00.1, where boards have the IO-APIC of the northbridge. */
const NORTHBRIDGE = 0x1

/**
 * The device ids that are left for IO-APICs without one: the one at GSI 0 is the southbridge's at 00:14.0. Others get
 * what the IVRS gives handles that no IO-APIC has, in order, else, where it is one, that of the northbridge. Left out
 * where nothing tells.
 */
export function deviceIdsFor(
  naming: IvrsNaming,
  ioApics: readonly IoApic[],
): readonly { readonly id: number; readonly deviceId: number }[] {
  const { unnamed, southbridge } = checkIoApics(naming, ioApics)
  const wrong = southbridge === 'no' ? ioApics.filter(({ gsiBase }) => gsiBase === 0) : []
  const ids = new Set([...wrong, ...unnamed].map(({ id }) => id))
  const there = new Set(ioApics.map(({ id }) => id))
  const spare = [
    ...new Set(
      ioApicsOfIvrs(naming.ivrs, naming.release)
        .filter(({ id, deviceId }) => !there.has(id) && deviceId !== SOUTHBRIDGE)
        .map(({ deviceId }) => deviceId),
    ),
  ]
  const others = ioApics.filter(({ id, gsiBase }) => ids.has(id) && gsiBase !== 0)
  const candidates = spare.length === 0 && others.length === 1 ? [NORTHBRIDGE] : spare
  return ioApics.flatMap((ioApic) => {
    if (!ids.has(ioApic.id)) return []
    if (ioApic.gsiBase === 0) return [{ id: ioApic.id, deviceId: SOUTHBRIDGE }]
    const deviceId = candidates[others.indexOf(ioApic)]
    return deviceId === undefined ? [] : [{ id: ioApic.id, deviceId }]
  })
}
