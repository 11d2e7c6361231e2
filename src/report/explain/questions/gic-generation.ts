import type { Machine } from '../../../machine/machine.js'
import type { MsiControllerKind } from '../../../machine/kinds.js'
import { interruptControllerOf, type InterruptControllerKind } from '../../../machine/devicetree-bindings.js'
import { placeOfNode, walkNodes } from '../../../machine/devicetree.js'
import type { Provenance } from '../../../machine/fact.js'
import { gicVersionOf } from '../../../kernel/msi/msi-controllers-acpi.js'
import { evidenceAt } from '../place-evidence.js'
import type { Question, QuestionSubject, Reply } from './question.js'

const MECHANISMS: Record<MsiControllerKind, string> = {
  its: 'LPIs through an ITS',
  'gicv5-its': 'LPIs through a GICv5 ITS',
  gicv2m: 'SPIs through a GICv2m frame',
  'gicv3-mbi': 'message-based SPIs of the distributor',
  'host-bridge': 'a receiver in the host bridge',
  imsic: 'IMSIC pages',
  'x86-vector': 'processor vectors, not remapped',
  'x86-remapped': 'processor vectors through the remapping table',
  other: 'a controller of its own kind',
  none: 'no MSIs',
  unknown: 'an unknown mechanism',
}

interface Generation {
  readonly words: string
  readonly from: readonly Provenance[]
}

function inTree(machine: Machine): Generation | undefined {
  if (machine.deviceTree.state !== 'known') return undefined
  const versions: Partial<Record<InterruptControllerKind, string>> = { gicv2: 'GICv2', gicv3: 'GICv3', gicv5: 'GICv5' }
  for (const node of walkNodes(machine.deviceTree.value.root)) {
    const kind = interruptControllerOf(node)
    const words = kind.state === 'known' && kind.value !== 'none' ? versions[kind.value] : undefined
    if (words !== undefined) return { words, from: [placeOfNode(node)] }
  }
  return undefined
}

function inTables(machine: Machine): Generation | undefined {
  const { madt } = machine.acpi
  if (madt.state !== 'known') return undefined
  const version = gicVersionOf(madt.value)
  const distributor = madt.value.entries.find(({ type }) => type === 'gicd')
  const at = distributor ? { offset: distributor.offset, length: distributor.length } : undefined
  const [first = { path: 'sys/firmware/acpi/tables/APIC' }] = madt.from
  return version === undefined ? undefined : { words: `GICv${version}`, from: [at ? { ...first, at } : first] }
}

/** The version as firmware tells it, raised to 4 where the log says that the hardware can do direct injection. */
function generation(subject: QuestionSubject): Generation | undefined {
  const { machine, architecture, log: lines } = subject.map.context
  if (architecture === 'x86_64') return { words: 'no GIC', from: [] }
  if (architecture !== 'arm64' && architecture !== 'arm') return undefined
  const described = inTree(machine) ?? inTables(machine)
  const log = machine.kernel.log.from[0]?.path ?? 'var/log/dmesg'
  const [line] = lines.of(/Using GICv4\.1 mode|GICv3: GICv4 features|as GICv4 proxy device|Enabling GICv4 support/)
  if (line === undefined) return described
  const words = line.includes('GICv4.1') ? 'GICv4.1' : 'GICv4'
  return { words, from: [...(described?.from ?? []), { path: log, excerpt: line }] }
}

function reply(subject: QuestionSubject): Reply {
  const { kind } = subject.way.msiController
  const found = generation(subject)
  const mechanism = MECHANISMS[kind]
  const evidence = found ? evidenceAt(subject.map.context.machine, found.from) : []
  if (!found) return { answer: mechanism, said: [{ message: 'untold', details: { mechanism } }], evidence }
  if (found.words === 'no GIC')
    return { answer: mechanism, said: [{ message: 'x86', details: { mechanism } }], evidence }
  return {
    answer: `${found.words}, ${mechanism}`,
    said: [{ message: 'gic', details: { version: found.words, mechanism } }],
    evidence,
  }
}

export const gicGeneration: Question = {
  id: 'gic-generation',
  question: 'Which GIC generation is it, and which MSI mechanism?',
  messages: {
    gic: 'The interrupt controller is a {version}; its MSIs are {mechanism}.',
    x86: 'This is not an Arm machine; its MSIs are {mechanism}.',
    untold: 'No GIC is described; its MSIs are {mechanism}.',
  },
  reply,
}
