import type { Provenance } from '../machine/fact.js'
import type { IommuGroup } from '../machine/iommu.js'
import type { Architecture } from '../machine/kernel.js'
import type { Answer } from '../machine/kinds.js'
import type { Machine } from '../machine/machine.js'
import type { PciFunction } from '../machine/pci.js'
import type { Decision } from './decision.js'
import { LogLines } from './log-lines.js'
import { buildPciTopology, type PciTopology } from './pci/pci-topology.js'
import { parseRelease, type KernelRelease } from './release.js'
import type { DrivenIommus } from './iommu/driven-iommus.js'
import type { IortPlaces } from './iort/iort-places.js'
import type { MapReadings } from './devicetree/of-map-id.js'
import type { GroupRegions } from './iommu/group-regions.js'
import type { IdRange } from './ids/id-ranges.js'
import type { StartedSmmus } from './iommu/started-smmus.js'
import type { ViotIommus } from './iommu/viot-iommus.js'
import type { RemappingByLog, RemappingWitness } from './x86/remapping-witness.js'

/** A machine as one kernel release sees it. */
export interface KernelView {
  readonly machine: Machine
  /** Undefined when the release cannot be read: what depends on it is then undecided. */
  readonly release: KernelRelease | undefined
  /** The release that produced the facts: it decides what a missing link means. */
  readonly observedRelease: KernelRelease | undefined
  /** True when `release` is not the one that produced the facts, so that chips in use say nothing of it. */
  readonly hypothetical: boolean
  readonly architecture: Architecture | undefined
  readonly functions: readonly PciFunction[]
  readonly byName: ReadonlyMap<string, PciFunction>
  readonly topology: PciTopology
  readonly groups: ReadonlyMap<string, IommuGroup>
  /** The kernel log: none where it is absent or cannot be read, be it in part. */
  readonly log: LogLines
  /**
   * Where lines of the log show a hazard, or that something is not there, those of one that can be read in part only count
   * too: what was not read cannot take them back.
   */
  readonly hazards: LogLines
}

/** Why no ITS takes MSIs on a machine of Arm, whatever its firmware describes. */
export interface NoIts {
  readonly why: 'gicv2' | 'none-usable'
  readonly from: readonly Provenance[]
}

/** What log and interrupts in use show of the ITSs. Each is named by its register base, as `itsDigits` writes it. */
export interface ItsSigns {
  readonly cameUp: ReadonlySet<string>
  readonly withTables: ReadonlySet<string>
  readonly failed: ReadonlySet<string>
  /** Names of the nodes that Linux leaves out. */
  readonly ignoredNodes: ReadonlySet<string>
  /** No ITS can be used. */
  readonly noneAvailable: boolean
  /** The log reaches back to where every ITS comes up. */
  readonly logReachesBack: boolean
  /** Some interrupt in use comes from one. */
  readonly inUse: boolean
}

/** A view with what is decided once of it and asked for every function. Every decision in this folder is a function of it. */
export interface KernelContext extends KernelView {
  /** x86: whether interrupt remapping is on. Decided at the first question. */
  readonly interruptRemapping: () => Decision<'on' | 'off'>
  /** x86: what speaks for or against it, looked for at the first question: every cause asks. */
  readonly remappingWitnesses: () => readonly RemappingWitness[]
  /** x86: whose remapping the kernel says is on. Looked for at the first question. */
  readonly remappingByLog: () => RemappingByLog | undefined
  /** The IOMMUs that a driver runs. */
  readonly drivenIommus: () => DrivenIommus
  /** Arm: the SMMUs that started, as the log tells. */
  readonly startedSmmus: () => StartedSmmus
  /** What the VIOT puts before functions; undefined where it is not known. */
  readonly viotIommus: () => ViotIommus | undefined
  /** Segments for which the DMAR has a unit; none where it is not known. */
  readonly segmentsWithUnit: () => ReadonlySet<number>
  /** Segments of which some bridge is in no group. */
  readonly segmentsWithoutGroups: () => ReadonlySet<number>
  /** Interrupts in use come from IO-APICs, and none from Xen. */
  readonly drivesIoApics: () => boolean
  /** Arm: what shows against any ITS. Decided at the first question. */
  readonly gicWithoutIts: () => NoIts | undefined
  /** Arm: what is seen of the ITSs. Looked for at the first question. */
  readonly itsSigns: () => ItsSigns
  /** Whether devices that named components of the IORT stand for are isolated. Decided at the first question. */
  readonly componentsIsolated: () => Answer
  /** What there is among the reserved regions of a group; undefined where they cannot be read. */
  readonly regionsOf: (group: IommuGroup) => GroupRegions | undefined
  /** StreamIDs for which the IORT reserves memory, by the offset of their SMMU. Looked for at the first question. */
  readonly directStreams: () => ReadonlyMap<number, readonly IdRange[]>
  /** Arm: where walks through the IORT went. */
  readonly iortPlaces: IortPlaces
  /** The maps of the device tree that were read. */
  readonly mapReadings: MapReadings
  /** Flags of each interrupt domain that debugfs shows, and of those above it, by its name. */
  readonly domainFlags: ReadonlyMap<string, readonly number[]>
}

/** The view of the running kernel, or of `release` in its place. */
export function viewOf(machine: Machine, release?: string): KernelView {
  const observed = machine.kernel.release.state === 'known' ? machine.kernel.release.value : undefined
  const asked = release ?? observed
  const functions = machine.functions.state === 'known' ? machine.functions.value : []
  const parsed = asked === undefined ? undefined : parseRelease(asked)
  const { log, logInPart } = machine.kernel
  const whole = new LogLines(log.state === 'known' ? log.value : [])
  return {
    machine,
    release: parsed,
    observedRelease: observed === undefined ? undefined : parseRelease(observed),
    hypothetical: release !== undefined && release !== observed,
    architecture: machine.kernel.architecture.state === 'known' ? machine.kernel.architecture.value : undefined,
    functions,
    byName: new Map(functions.map((fn) => [fn.name, fn])),
    topology: buildPciTopology(functions, parsed),
    groups: new Map((machine.groups.state === 'known' ? machine.groups.value : []).map((group) => [group.id, group])),
    log: whole,
    hazards: log.state === 'known' ? whole : new LogLines(logInPart?.lines ?? []),
  }
}

/** Words of the kernel command line that set `name`, as `name` or `name=value`: the values, in order. */
export function commandLineValues(machine: Machine, name: string): readonly string[] {
  const words = machine.kernel.commandLine
  if (words.state !== 'known') return []
  const plain = name.replaceAll('-', '_')
  return words.value.flatMap((word) => {
    const [key = '', ...rest] = word.split('=')
    return key.replaceAll('-', '_') === plain ? [rest.join('=')] : []
  })
}

/** The words of the kernel command line that set `name`, as they stand there, in order. */
export function wordsThatSet(machine: Machine, name: string): readonly string[] {
  const words = machine.kernel.commandLine
  if (words.state !== 'known') return []
  const plain = name.replaceAll('-', '_')
  return words.value.filter((word) => (word.split('=', 1)[0] ?? '').replaceAll('-', '_') === plain)
}

/** Whether this kernel was built with `option` (`CONFIG_…`), built in or as a module; an option not listed is unknown. */
export function configured(machine: Machine, option: string): Answer {
  const { configuration } = machine.kernel
  if (configuration.state !== 'known') return 'unknown'
  const value = configuration.value.get(option)
  return value === undefined ? 'unknown' : value === 'n' ? 'no' : 'yes'
}
