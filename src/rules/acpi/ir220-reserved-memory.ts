import type { RmrDescriptor, RmrNode } from '../../machine/iort.js'
import { iortNodeAt } from '../../kernel/iort/iort-walk.js'
import { hex } from '../../machine/identifiers.js'
import { iortClause, linuxIort } from '../firmware-references.js'
import { iortRule, nodeEvidence, nodeSubject, nodeWords, type IortCase } from './iort-judgement.js'
import type { OutcomeItem, Severity } from '../rule.js'
import type { Judgement } from '../firmware-rule.js'

const LEAST_TABLE_REVISION = 5
const ALIGNMENT = 0x10000n

interface Odd {
  readonly message: string
  readonly severity: Severity
  readonly linux: string
  readonly details?: Readonly<Record<string, string>>
}

const rangeWords = ({ base, length }: RmrDescriptor) => `${hex(base)} with ${hex(length)} bytes`

function overlap(descriptors: readonly RmrDescriptor[]): RmrDescriptor | undefined {
  const sorted = descriptors.toSorted((left, right) => (left.base < right.base ? -1 : left.base > right.base ? 1 : 0))
  return sorted.find((range, index) => {
    const before = sorted[index - 1]
    return before !== undefined && before.base + before.length > range.base
  })
}

function oddities(at: IortCase, node: RmrNode): readonly Odd[] {
  const odd: Odd[] = []
  const { revision } = at.iort.header
  if (revision < LEAST_TABLE_REVISION) {
    const linux =
      'Linux ignores memory ranges in tables before revision 5: a device that needs them faults once its SMMU translates.'
    odd.push({ message: 'revision', severity: 'medium', linux, details: { revision: String(revision) } })
  }
  if (node.mappings.length === 0) {
    odd.push({ message: 'no-mappings', severity: 'low', linux: 'Linux logs it and ignores the node.' })
  }
  if (node.descriptors.length === 0) {
    odd.push({ message: 'no-ranges', severity: 'low', linux: 'Linux logs it and ignores the node.' })
  }
  const stray = node.mappings.find(({ outputReference }) => {
    const target = iortNodeAt(at.iort, outputReference)
    return target && target.type !== 'smmu' && target.type !== 'smmuv3'
  })
  if (stray) {
    const linux = 'Linux compares the reference with the SMMU of the device, so the range is reserved for nobody.'
    odd.push({ message: 'no-smmu', severity: 'medium', linux, details: { reference: hex(stray.outputReference) } })
  }
  const unaligned = node.descriptors.find(
    ({ base, length }) => length === 0n || base % ALIGNMENT !== 0n || length % ALIGNMENT !== 0n,
  )
  if (unaligned) {
    const linux = 'Linux logs it and reserves whole pages around the range.'
    odd.push({ message: 'unaligned', severity: 'low', linux, details: { range: rangeWords(unaligned) } })
  }
  const overlapping = overlap(node.descriptors)
  if (overlapping) {
    const linux = 'Linux logs that the ranges overlap and goes on.'
    odd.push({ message: 'overlap', severity: 'low', linux, details: { range: rangeWords(overlapping) } })
  }
  return odd
}

function judge(at: IortCase): Judgement {
  const nodes = at.iort.nodes.filter((node): node is RmrNode => node.type === 'rmr')
  const failed = nodes.flatMap((node) =>
    oddities(at, node).map(({ message, severity, linux, details }): OutcomeItem => ({
      subject: nodeSubject(node),
      devices: [],
      message,
      details: { node: nodeWords(node), ...details },
      linux,
      evidence: [nodeEvidence(at, node)],
      severity,
    })),
  )
  return { failed, applicable: nodes.length > 0 }
}

export const reservedMemory = iortRule({
  id: 'IR220',
  slug: 'reserved-memory',
  title: 'A reserved memory range of the IORT is not as specified',
  severity: 'low',
  effect: 'none',
  checks: 'Table revision, mappings, target, alignment to 64 KiB and overlap of the RMR nodes.',
  why: 'Memory that a device goes on using across the boot stays reachable only if the kernel understands the node.',
  remedy: [{ actor: 'firmware', text: 'Align ranges to 64 KiB and let each mapping lead to the SMMU of the device.' }],
  limits: 'Whether the device uses the memory cannot be seen.',
  references: [iortClause('Reserved Memory Range node'), linuxIort('iort_find_rmrs, iort_rmr_desc_check_overlap')],
  messages: {
    revision: 'The {node} stands in a table of revision {revision}.',
    'no-mappings': 'The {node} has no mapping, so it is for no device.',
    'no-ranges': 'The {node} describes no memory.',
    'no-smmu': 'A mapping of the {node} leads to {reference}, which is no SMMU.',
    unaligned: 'The {node} has the range {range}, which is not made of 64 KiB units.',
    overlap: 'The {node} has the range {range}, which overlaps another one of it.',
  },
  judge: judge,
})
