import type { Machine } from '../../machine/machine.js'
import { RULESET } from '../../rules/registry.js'
import { unreadOf } from '../probe/unread.js'
import type { UnreadReport } from '../types.js'
import { TOOL_VERSION } from '../version.js'
import type { DoctorReport, Sight, SightState, Surroundings } from './doctor-report.js'
import { counted, EVIDENCE_KINDS, type EvidenceKind } from './evidence-kinds.js'

const MOUNT =
  'mount the files of the host at another place: docker -v /sys:/host/sys:ro -v /proc:/host/proc:ro -v /dev:/host/dev:ro, then --sysroot /host'

const REASON_WORDS: Readonly<Record<UnreadReport['reason'], string>> = {
  permission: 'permission denied',
  io: 'read error',
  malformed: 'damaged',
  'too-large': 'larger than any such file',
  'not-collected': 'not collected',
}

/** What brings what was not read, by the reason of the first that a step helps with. */
function stepFor(unread: readonly UnreadReport[], machine: Machine, masked: boolean): string {
  const { kind } = machine.origin
  const isHere = kind === 'live' || kind === 'sysroot'
  for (const { reason } of unread) {
    if (reason === 'permission') return isHere ? 'run it as root' : 'have root take the capture'
    if (reason !== 'not-collected') continue
    if (masked) return MOUNT
    return kind === 'live'
      ? 'run outside of the container, chroot or namespace that hides it'
      : 'take a capture with intremap on the machine itself'
  }
  return 'none'
}

function stateOf(kind: EvidenceKind, machine: Machine, unread: readonly UnreadReport[]): SightState {
  const { state } = kind.fact(machine)
  if (unread.length > 0) return state === 'known' ? 'partly' : 'hidden'
  return state === 'absent' ? 'not-there' : 'seen'
}

/** How much of one kind of evidence is seen, by what could not be read of it. */
function sightOf(kind: EvidenceKind, machine: Machine, unread: readonly UnreadReport[], masked: boolean): Sight {
  const { place, what, decides, tells, missing = 'none' } = kind
  const state = stateOf(kind, machine, unread)
  const reasons = [...new Set(unread.map(({ reason }) => REASON_WORDS[reason]))].join(', ')
  const lacking = `${counted(unread.length, 'path')} not read (${reasons})`
  const extent = kind.extent(machine)
  const details: Record<SightState, string> = {
    seen: extent,
    'not-there': 'this machine shows none',
    partly: `${extent}; ${lacking}`,
    hidden: lacking,
  }
  const step = state === 'not-there' ? missing : stepFor(unread, machine, masked)
  return { id: place, what, state, detail: details[state], decides, tells, step }
}

/** Names of devices, which no decision asks for; a capture keeps none on purpose. */
function namesSight({ functions, pciNames, origin }: Machine): readonly Sight[] {
  const isHere = origin.kind === 'live' || origin.kind === 'sysroot'
  if (!isHere || functions.state !== 'known' || functions.value.length === 0) return []
  const named = pciNames.size > 0
  return [
    {
      id: 'names',
      what: 'names of devices',
      state: named ? 'seen' : 'not-there',
      detail: named ? `of ${counted(pciNames.size, 'function')}, from pci.ids` : 'no pci.ids',
      decides: false,
      tells: 'what lspci calls them',
      step: named ? 'none' : 'install the list of PCI ids (Debian pci.ids, Fedora hwdata)',
    },
  ]
}

function compilerSight({ dtc }: Surroundings): Sight {
  return {
    id: 'dtc',
    what: 'compiler of device trees',
    state: dtc === undefined ? 'not-there' : 'seen',
    detail: dtc ?? 'no dtc',
    decides: false,
    tells: 'what a tree given as source (.dts) says',
    step: dtc === undefined ? 'install dtc (Debian device-tree-compiler, Fedora dtc)' : 'none',
  }
}

/** What this run can see of a machine, what it cannot, and what would add that. */
export function doctorReport(machine: Machine, surroundings: Surroundings): DoctorReport {
  const unread = unreadOf(machine)
  const masked = unread.some(({ area }) => area === 'firmware')
  const sights = [
    ...EVIDENCE_KINDS.map((kind) =>
      sightOf(
        kind,
        machine,
        unread.filter(({ area }) => area === kind.place),
        masked,
      ),
    ),
    ...namesSight(machine),
    compilerSight(surroundings),
  ]
  const isOpen = sights.some(({ decides, state }) => decides && (state === 'partly' || state === 'hidden'))
  return {
    schema: 'intremap/doctor',
    schemaVersion: '1.0.0',
    tool: { name: 'intremap', version: TOOL_VERSION, ruleset: RULESET },
    source: { kind: machine.origin.kind, name: machine.origin.name },
    user: surroundings.root ? 'root' : 'other',
    node: surroundings.node,
    sights,
    exitCode: isOpen ? 3 : 0,
  }
}
