import { nodes, its, rootComplex, smmu, type Tables } from './firmware-tables.js'

/** One fault of a table, and what is to be said of it. */
export interface Fault {
  readonly name: string
  readonly rule: string
  readonly severity: string
  /** The node or structure, counted by hand. */
  readonly node: string
  /** Offset of the first piece of evidence. */
  readonly offset: string
  readonly says: RegExp
  readonly tables: Tables
  /** Rules that may speak of the same fault as well. */
  readonly also?: readonly string[]
}

// Nodes of the sound table, by their offset.
export const RC = 'IORT node 0xa0'
export const SMMU = 'IORT node 0x48'
export const ITS = 'IORT node 0x30'
/** The sound table with two root complexes. */
export const two = (first: object, second: object): Tables =>
  nodes(its(), smmu(), rootComplex(first), rootComplex({ name: 'rc2', ...second }))
