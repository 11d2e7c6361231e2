import type { DecodedTable } from './acpi-table.js'

interface MadtEntryBase {
  readonly offset: number
  readonly length: number
  readonly typeCode: number
}

export type MadtEntry = MadtEntryBase &
  (
    | {
        readonly type: 'gicc'
        readonly cpuInterfaceNumber: number
        readonly processorUid: number
        readonly flags: number
        readonly parkingProtocolVersion: number
        readonly performanceGsiv: number
        readonly parkedAddress: bigint
        readonly gicBaseAddress: bigint
        readonly gicvBaseAddress?: bigint
        readonly gichBaseAddress?: bigint
        readonly maintenanceGsiv?: number
        readonly gicrBaseAddress?: bigint
        readonly mpidr?: bigint
        readonly efficiencyClass?: number
        readonly speGsiv?: number
        readonly trbeGsiv?: number
        readonly iaffid?: number
        readonly irsId?: number
      }
    | {
        readonly type: 'gicd'
        readonly gicId: number
        readonly baseAddress: bigint
        /** 0 probe the hardware, else GIC architecture version 1 to 5. */
        readonly version: number
        readonly gsiBase: number
      }
    | {
        readonly type: 'gic-msi-frame'
        readonly frameId: number
        readonly baseAddress: bigint
        /** Bit 0: the SPI count and base fields override MSI_TYPER. */
        readonly flags: number
        readonly spiCount: number
        readonly spiBase: number
      }
    | { readonly type: 'gicr'; readonly flags: number; readonly baseAddress: bigint; readonly rangeLength: number }
    | {
        readonly type: 'gic-its'
        readonly flags: number
        /** GIC ITS id: the key that IORT ITS groups use. */
        readonly translationId: number
        readonly baseAddress: bigint
      }
    | {
        readonly type: 'gicv5-irs'
        readonly version: number
        readonly irsId: number
        readonly flags: number
        readonly configBase: bigint
        readonly setlpiBase: bigint
      }
    | {
        readonly type: 'gicv5-its-config'
        readonly flags: number
        readonly translatorId: number
        readonly baseAddress: bigint
      }
    | {
        readonly type: 'gicv5-its-translate'
        readonly linkedTranslatorId: number
        readonly translateFrameId: number
        readonly baseAddress: bigint
      }
    | { readonly type: 'io-apic'; readonly ioApicId: number; readonly address: number; readonly gsiBase: number }
    | { readonly type: 'imsic' }
    | { readonly type: 'aplic' }
    | { readonly type: 'plic' }
    | { readonly type: 'loongarch-msi-pic' }
    /** Named for people (`local-apic`, `x2apic`, `rintc`, …); nothing is decided from it. */
    | { readonly type: 'other'; readonly name: string }
  )

export interface MadtTable extends DecodedTable {
  readonly localInterruptControllerAddress: number
  readonly flags: number
  readonly entries: readonly MadtEntry[]
}
