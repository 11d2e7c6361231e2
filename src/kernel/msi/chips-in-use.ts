import type { Provenance } from '../../machine/fact.js'
import type { Answer, MsiControllerKind } from '../../machine/kinds.js'
import type { PciFunction } from '../../machine/pci.js'
import type { KernelContext } from '../context.js'
import { allOf } from '../decision.js'
import { isHiddenByXen } from '../x86/xen-log.js'
import { meaningOfChip, type ChipMeaning } from './irq-chips.js'

/** What the interrupts that a function holds now say of its MSI controller. */
export type MsiInUse =
  /** No vector is allocated: that says nothing about the domain. */
  | { readonly state: 'none' }
  | {
      readonly state: 'known'
      readonly kind: MsiControllerKind
      /** Whether the chip's domains carry the flag; the pre-ITS is not visible here. */
      readonly isolated: Answer
      readonly doubt?: ChipMeaning['doubt']
      readonly chipNames: readonly string[]
      readonly from: readonly Provenance[]
    }
  /** Vectors are, or may be, allocated and their chips cannot be read. */
  | { readonly state: 'unreadable'; readonly from: readonly Provenance[] }

/** A per-device chip name ends with its function's address; one that names another function is no witness for this one. */
function namesAnother(chipName: string, fn: PciFunction): boolean {
  return !chipName.endsWith(`-${fn.name}`) && /-[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/.test(chipName)
}

/** Joins `msi_irqs` with the chip of each interrupt. */
export function msiInUse(context: KernelContext, fn: PciFunction): MsiInUse {
  const { interrupts } = context.machine
  if (fn.msiVectors.state === 'unreadable') return { state: 'unreadable', from: fn.msiVectors.from }
  if (fn.msiVectors.state === 'absent' || fn.msiVectors.value.length === 0) return { state: 'none' }
  const from: Provenance[] = []
  const meanings: ChipMeaning[] = []
  const chipNames = new Set<string>()
  for (const vector of fn.msiVectors.value) {
    const interrupt = interrupts.byNumber.get(vector.irq)
    if (interrupt?.chipName.state !== 'known' || namesAnother(interrupt.chipName.value, fn)) {
      return { state: 'unreadable', from: interrupt?.chipName.from ?? fn.msiVectors.from }
    }
    const { value } = interrupt.chipName
    if (!chipNames.has(value)) {
      chipNames.add(value)
      meanings.push(meaningOfChip(value, context.architecture))
      for (const one of interrupt.chipName.from) from.push(one)
    }
  }
  const kind = meanings[0]?.kind ?? 'unknown'
  const ofXen = isHiddenByXen(context) ? ('hypervisor-owns-iommu' as const) : undefined
  const doubt = ofXen ?? meanings.find((meaning) => meaning.doubt !== undefined)?.doubt
  return {
    state: 'known',
    kind: meanings.every((meaning) => meaning.kind === kind) ? kind : 'unknown',
    // Xen remaps below its control domain, whatever chip that one sees.
    isolated: ofXen ? 'unknown' : allOf(meanings.map((meaning) => meaning.isolated)),
    ...(doubt === undefined ? {} : { doubt }),
    chipNames: [...chipNames],
    from,
  }
}
