/** A decoded device tree as plain data. Addresses, ids and cells are lower-case hex strings, lengths and counts numbers. */

/** What a phandle leads to. `unknown`: the tree was not read in whole, so that the node may exist. */
export interface DecodedReference {
  readonly phandle: string
  /** Path of the node, else `none` or `unknown`. */
  readonly node: string
}

/** An entry of `iommu-map` or `msi-map`. */
export interface DecodedMapEntry {
  /** Index of the entry's first cell in the property. */
  readonly cell: number
  readonly idBase: string
  readonly controller: DecodedReference
  readonly out: readonly string[]
  /** Number of ids. */
  readonly length: string
}

export type DecodedValue =
  /** No bytes: a boolean property, or an empty `ranges`. */
  | { readonly type: 'empty' }
  | { readonly type: 'strings'; readonly strings: readonly string[] }
  | { readonly type: 'cells'; readonly cells: readonly string[] }
  | { readonly type: 'bytes'; readonly hex: string }
  | {
      readonly type: 'reg'
      readonly entries: readonly {
        readonly address: string
        readonly size: string
        /** CPU physical address where every bus above translates it, else `unknown`. */
        readonly cpuAddress: string
      }[]
    }
  | {
      readonly type: 'ranges'
      readonly entries: readonly {
        /** PCI only: which space the child address lies in; its flags are the first child cell. */
        readonly space?: 'configuration' | 'io' | 'memory' | 'memory64'
        readonly flags?: string
        readonly child: string
        readonly parent: string
        readonly size: string
      }[]
    }
  | {
      readonly type: 'references'
      readonly entries: readonly (DecodedReference & { readonly arguments: readonly string[] })[]
    }
  | { readonly type: 'id-map'; readonly mask: string; readonly entries: readonly DecodedMapEntry[] }
  /** Present, its bytes not read or not readable. */
  | { readonly type: 'unreadable'; readonly reason: string }

export interface DecodedProperty {
  readonly name: string
  /** Of the value, from the start of the blob; not in directories. */
  readonly offset?: string
  readonly length: number | 'unknown'
  /** `binding`: the name fixes the type. `form`: guessed from the bytes, as dtc does. */
  readonly typedBy: 'binding' | 'form'
  readonly value: DecodedValue
  /** Bytes of the value that are not shown; absent where all are. */
  readonly leftOut?: number
  /** Why the bytes do not have the type that the binding asks for. */
  readonly fault?: string
}

export interface DecodedNode {
  readonly path: string
  readonly offset?: string
  readonly status: 'enabled' | 'disabled' | 'unknown'
  /** What Linux takes the node for: `iommu smmuv3`, `msi its`, `host-bridge designware`, `interrupt-controller gicv3`. */
  readonly roles: readonly string[]
  /** Why properties or children may be missing; `none` when the node was read in whole. */
  readonly incomplete: string
  readonly properties: readonly DecodedProperty[]
  /** How many more properties there are; absent where all are shown. */
  readonly propertiesLeftOut?: number
}

export interface DecodedDeviceTree {
  readonly kind: 'devicetree'
  readonly form: 'blob' | 'directory'
  readonly name: string
  readonly header?: {
    readonly version: number
    readonly lastCompatibleVersion: number
    readonly totalSize: number
    readonly bootProcessor: string
  }
  readonly reservations: readonly { readonly offset: string; readonly address: string; readonly size: string }[]
  readonly reservationsLeftOut?: number
  /** True when the blob's own format shows damage. */
  readonly damaged: boolean
  /** False when some node or phandle could not be read. */
  readonly complete: boolean
  /** Parents before children, in the order of the blob. */
  readonly nodes: readonly DecodedNode[]
  /** How many more nodes there are, which are not shown; absent where all are. */
  readonly nodesLeftOut?: number
  readonly diagnostics: readonly { readonly path: string; readonly offset: string; readonly message: string }[]
}
