/** One step through VFIO or iommufd: errno 0 when all went well, else the stage that failed. */
export interface OracleStep {
  readonly errno: number
  readonly error: string
  readonly stage: string | null
}

export interface OracleRound {
  readonly legacy: OracleStep
  readonly iommufd: OracleStep | null
  /** What the kernel's own functions returned meanwhile, keyed as `function(argument)`. */
  readonly kernel_predicates: Readonly<Record<string, boolean>>
}

export interface OracleDevice {
  readonly bdf: string
  readonly group: string | null
  readonly skipped?: string
  readonly note?: string | null
  readonly bind_vfio_pci?: { readonly errno: number; readonly error: string }
  readonly strict?: OracleRound
  readonly unsafe_allowed?: OracleRound
}

/** What a running kernel answered through VFIO, iommufd and its own predicates, recorded beside a captured machine. */
export interface Oracle {
  readonly kernel: string
  readonly params_as_booted: Readonly<Record<string, string | null>>
  readonly nodes: Readonly<Record<string, boolean>>
  /** Functions of the kernel, and whether they could be watched. */
  readonly kprobes?: Readonly<Record<string, boolean>>
  readonly devices: readonly OracleDevice[]
}

function isOracle(value: unknown): value is Oracle {
  return (
    typeof value === 'object' &&
    value !== null &&
    'devices' in value &&
    Array.isArray(value.devices) &&
    'kernel' in value
  )
}

/** Reads an `oracle.json`; undefined when it is none. Throws what JSON.parse throws. */
export function parseOracle(text: string): Oracle | undefined {
  const value: unknown = JSON.parse(text)
  return isOracle(value) ? value : undefined
}
