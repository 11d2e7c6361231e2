import type { Budget } from '../budget/budget.js'
import type { DeviceTreeBlob } from '../machine/devicetree-blob.js'
import type { DmarTable } from '../machine/dmar.js'
import type { IortTable } from '../machine/iort.js'
import type { IvrsTable } from '../machine/ivrs.js'
import type { MadtTable } from '../machine/madt.js'
import type { McfgTable } from '../machine/mcfg.js'
import type { RimtTable } from '../machine/rimt.js'
import type { ViotTable } from '../machine/viot.js'
import { parseDmar } from './acpi/dmar.js'
import { parseIort } from './acpi/iort.js'
import { parseIvrs } from './acpi/ivrs.js'
import { parseMadt } from './acpi/madt.js'
import { parseMcfg } from './acpi/mcfg.js'
import { parseRimt } from './acpi/rimt.js'
import { parseViot } from './acpi/viot.js'
import { parseDeviceTreeBlob } from './devicetree/blob.js'

/** Makes a table or tree of the bytes of a file; `path` is what diagnostics name. Never throws. */
export type FirmwareParser<T> = (bytes: Uint8Array, path: string, budget: Budget) => T

/** What is parsed of firmware. Who probes one machine many times passes parsers that remember. */
export interface FirmwareParsers {
  readonly iort: FirmwareParser<IortTable>
  readonly madt: FirmwareParser<MadtTable>
  readonly dmar: FirmwareParser<DmarTable>
  readonly ivrs: FirmwareParser<IvrsTable>
  readonly viot: FirmwareParser<ViotTable>
  readonly mcfg: FirmwareParser<McfgTable>
  readonly rimt: FirmwareParser<RimtTable>
  readonly deviceTreeBlob: FirmwareParser<DeviceTreeBlob>
}

export const FIRMWARE_PARSERS: FirmwareParsers = {
  iort: parseIort,
  madt: parseMadt,
  dmar: parseDmar,
  ivrs: parseIvrs,
  viot: parseViot,
  mcfg: parseMcfg,
  rimt: parseRimt,
  deviceTreeBlob: parseDeviceTreeBlob,
}
