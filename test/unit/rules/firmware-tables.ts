import type {
  IdMappingDescription,
  IortNodeDescription,
  ItsGroupDescription,
  RootComplexDescription,
  SmmuV3Description,
} from '../../../src/emulator/firmware/iort-nodes.js'
import { writeIort, type IortDescription } from '../../../src/emulator/firmware/iort-writer.js'
import {
  writeMadt,
  type MadtDescription,
  type MadtEntryDescription,
} from '../../../src/emulator/firmware/madt-writer.js'
import { writeMcfg, type McfgDescription } from '../../../src/emulator/firmware/mcfg-writer.js'
import { machineFromFiles } from '../../../src/probes/firmware-files.js'
import { lintFirmware } from '../../../src/report/lint/lint.js'
import type { LintFinding, LintReport } from '../../../src/report/lint/lint-report.js'

/** Tables of one machine; null leaves one out. */
export interface Tables {
  readonly iort?: Partial<IortDescription> | null
  readonly madt?: Partial<MadtDescription> | null
  readonly mcfg?: Partial<McfgDescription> | null
}

/** 24 bytes at 0x30. */
export const its = (more: Partial<ItsGroupDescription> = {}): IortNodeDescription => ({
  type: 'its-group',
  name: 'its',
  revision: 1,
  itsIds: [0],
  ...more,
})

/** 88 bytes at 0x48 behind one ITS group; its mapping is at 0x8c. */
export const smmu = (more: Partial<SmmuV3Description> = {}): IortNodeDescription => ({
  type: 'smmuv3',
  name: 'smmu',
  revision: 4,
  base: 0x2b400000,
  eventGsiv: 74,
  priGsiv: 75,
  gerrorGsiv: 77,
  syncGsiv: 76,
  mappings: [{ output: 'its' }],
  ...more,
})

/** 60 bytes at 0xa0 behind the two; its mapping is at 0xc8. */
export const rootComplex = (more: Partial<RootComplexDescription> = {}): IortNodeDescription => ({
  type: 'root-complex',
  name: 'rc',
  revision: 4,
  segment: 0,
  mappings: [{ output: 'smmu' }],
  ...more,
})

/** Its mappings in place of the one to the SMMU. */
export const mapped = (...mappings: readonly IdMappingDescription[]): IortNodeDescription => rootComplex({ mappings })

export const itsEntry = (translationId = 0): MadtEntryDescription => ({
  type: 'gic-its',
  translationId,
  base: 0x8080000 + translationId * 0x20000,
})
export const frameEntry: MadtEntryDescription = { type: 'gic-msi-frame', base: 0x8020000 }

const DISTRIBUTOR: MadtEntryDescription = { type: 'gicd', base: 0x8000000, version: 3 }

/** The bytes of the tables: a sound machine but for what is said otherwise. */
export function tableFiles({ iort = {}, madt = {}, mcfg = {} }: Tables): { path: string; bytes: Uint8Array }[] {
  return [
    ...(iort === null ? [] : [{ path: 'IORT', bytes: writeIort({ nodes: [its(), smmu(), rootComplex()], ...iort }) }]),
    ...(madt === null ? [] : [{ path: 'APIC', bytes: writeMadt({ entries: [DISTRIBUTOR, itsEntry()], ...madt }) }]),
    ...(mcfg === null ? [] : [{ path: 'MCFG', bytes: writeMcfg({ allocations: [{ base: 0x10000000 }], ...mcfg }) }]),
  ]
}

export function lintTables(tables: Tables, kernelRelease?: string): LintReport {
  return lintFirmware(machineFromFiles(tableFiles(tables)), kernelRelease === undefined ? {} : { kernelRelease })
}

/** Nodes in place of the sound ones. */
export const nodes = (...list: readonly IortNodeDescription[]): Tables => ({ iort: { nodes: list } })

/** Structures of the MADT behind the distributor, which is at 0x2c and has 24 bytes. */
export const madtEntries = (...entries: readonly MadtEntryDescription[]): Partial<MadtDescription> => ({
  entries: [DISTRIBUTOR, ...entries],
})

export function failures(report: LintReport, rule?: string): readonly LintFinding[] {
  return report.findings.filter(
    (finding) => finding.outcome === 'fail' && (rule === undefined || finding.rule === rule),
  )
}
