import type { FunctionDescription, MachineDescription } from '../../../src/emulator/machine-description.js'
import type { SmmuV3Description } from '../../../src/emulator/firmware/iort-nodes.js'
import { card, type TestCase } from './metal.js'

/** Expected values are those of the specification's table of whole machines, copied by hand. */
export interface Vector extends TestCase {
  readonly id: string
  /** The card's address unless given. */
  readonly device?: string
  /** The kernel's predicate; left out where no file shows what the vendor's kernel answers. */
  readonly K?: 'iso' | 'not'
  readonly A: 'iso' | 'cav' | 'not' | 'unk'
  /** Outcome and errno. */
  readonly gates?: { readonly vfioType1?: string; readonly iommufd?: string }
  /** The group's predicate. */
  readonly group?: 'iso' | 'not'
}

export const release = (
  text: string,
  more: Partial<MachineDescription['kernel']> = {},
): MachineDescription['kernel'] => ({ release: text, ...more })
export const its = { name: 'its', type: 'its', address: '0x8080000' } as const
export const v2m = { name: 'v2m', type: 'gicv2m', address: '0x8020000' } as const
export const smmu = { name: 'smmu', type: 'smmuv3', address: '0x9050000' } as const
export const smmuV2 = { name: 'smmu', type: 'smmuv2', address: '0x9050000' } as const
export const vtd = { name: 'dmar0', type: 'vt-d', address: '0xfed90000' } as const

/** The SMMUv3 as a node of an IORT, with wired interrupts: no mapping is for its own MSIs. */
export const wiredSmmu = (mappings: SmmuV3Description['mappings'] = []): SmmuV3Description => ({
  type: 'smmuv3',
  name: 'smmu',
  revision: 4,
  base: '0x9050000',
  flags: 1,
  eventGsiv: 106,
  priGsiv: 107,
  gerrorGsiv: 108,
  syncGsiv: 109,
  mappings,
})

/** A root complex with two ports, a card below each. */
export const two = (
  first: Partial<FunctionDescription>,
  second: Partial<FunctionDescription>,
): FunctionDescription[] => [card(1, first), card(2, second)]
