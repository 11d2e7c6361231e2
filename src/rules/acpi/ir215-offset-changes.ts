import type { IortNode } from '../../machine/iort.js'
import { isDeviceByDevice } from '../../kernel/ids/lookup-table.js'
import type { RootComplexIds } from '../../kernel/ids/iort-ids.js'
import type { IortWay } from '../../kernel/ids/id-way.js'
import { hex } from '../../machine/identifiers.js'
import { bsaRule, iortClause } from '../firmware-references.js'
import { affectsWords } from '../function-words.js'
import { functionsWhere } from './iort-functions.js'
import {
  IORT_MESSAGES,
  judgeIort,
  mappingEvidence,
  nodeSubject,
  nodeWords,
  notFollowed,
  rangeWords,
  type Found,
  type IortCase,
  type Judgement,
} from './iort-judgement.js'
import type { OutcomeItem, Rule } from '../rule.js'

/** What the specification wants constant: RequesterID to StreamID to DeviceID, within one ITS group and SMMU. */
interface Offsets {
  /** Undefined where no SMMU stands between. */
  readonly smmu: IortNode | undefined
  readonly group: IortNode
  readonly ranges: readonly IortWay[]
}

/** The step that leaves an SMMU, whose input is the StreamID. */
const smmuStep = (range: IortWay) => range.steps.find(({ node }) => node.type === 'smmu' || node.type === 'smmuv3')

function offsetsOf({ toIts }: RootComplexIds): readonly Offsets[] {
  const found = new Map<string, { smmu: IortNode | undefined; group: IortNode; ranges: IortWay[] }>()
  for (const range of toIts.reached) {
    // A single mapping has no offset; it is the subject of rule IR213.
    if (range.collapsed) continue
    const smmu = smmuStep(range)?.node
    const group = range.space.target
    const key = `${smmu?.offset ?? 'none'} ${group.offset}`
    const offsets = found.get(key) ?? { smmu, group, ranges: [] }
    found.set(key, offsets)
    offsets.ranges.push(range)
  }
  return [...found.values()]
}

/** Offset in hexadecimal with its sign. */
const signed = (offset: number): string => (offset < 0 ? `-${hex(-offset)}` : `+${hex(offset)}`)

function changing(ranges: readonly IortWay[], offset: (range: IortWay) => number): string | undefined {
  const byOffset = new Map<number, IortWay>()
  for (const range of ranges) if (!byOffset.has(offset(range))) byOffset.set(offset(range), range)
  if (byOffset.size < 2) return undefined
  const shown = [...byOffset].slice(0, 3).map(([value, range]) => `${signed(value)} for ${rangeWords(range)}`)
  return byOffset.size > 3 ? `${shown.join(', ')} and ${byOffset.size - 3} more` : shown.join(', ')
}

function ofOffsets(at: IortCase, { rootComplex }: RootComplexIds, { smmu, group, ranges }: Offsets): Found[] {
  const streamIdOf = (range: IortWay) => smmuStep(range)?.input ?? range.first
  // A lookup table has the offset that each of its entries has; what it gives SMMU and ITS is one id.
  const looksUp = isDeviceByDevice(ranges)
  const stream = smmu && !looksUp ? changing(ranges, (range) => streamIdOf(range) - range.first) : undefined
  const device = smmu || !looksUp ? changing(ranges, (range) => range.output - streamIdOf(range)) : undefined
  const linux =
    'Linux takes each mapping as it stands; the architecture has the offsets constant, so one of them may not be what the hardware does.'
  const way = smmu ? `through the ${nodeWords(smmu)} to the ${nodeWords(group)}` : `to the ${nodeWords(group)}`
  const users = () =>
    functionsWhere(at, ({ msi }) => msi.rootComplex === rootComplex && msi.kind === 'its' && msi.itsGroup === group)
  const evidence = ranges.slice(0, 4).flatMap((range) => range.steps.map(({ mapping }) => mappingEvidence(at, mapping)))
  const item = (message: string, offsets: string) => (): OutcomeItem => {
    const devices = users()
    const base = { node: nodeWords(rootComplex), affects: affectsWords(devices), linux }
    return { subject: nodeSubject(rootComplex), devices, message, details: { ...base, way, offsets }, evidence }
  }
  return [
    ...(stream === undefined ? [] : [item('stream', stream)]),
    ...(device === undefined ? [] : [item(smmu ? 'device-behind-smmu' : 'device', device)]),
  ]
}

function judge(at: IortCase): Judgement {
  const { bySegment, complete } = at.ids
  const rootComplexes = [...bySegment.values()]
  if (!complete) return { failed: [], unknown: [notFollowed(at, true)] }
  const failed = rootComplexes.flatMap((routing) =>
    offsetsOf(routing).flatMap((offsets) => ofOffsets(at, routing, offsets)),
  )
  return { failed, applicable: rootComplexes.some(({ toIts }) => toIts.reached.length > 0) }
}

export const offsetChanges: Rule = {
  id: 'IR215',
  slug: 'offset-changes',
  title: 'The offset from RequesterID to StreamID or DeviceID is not constant',
  scope: 'firmware',
  severity: 'medium',
  effect: 'caveat',
  checks:
    'For every root complex, SMMU and ITS group: StreamID minus RequesterID and DeviceID minus StreamID; without an SMMU DeviceID minus RequesterID.',
  why: 'Isolation rests on the DeviceID that hardware sends along. Where the table needs several offsets, it may be wrong about some devices.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Check the mappings against the wiring or the lookup table of the root complex, and use one offset where that is what the hardware does.',
    },
  ],
  limits:
    'What the hardware really sends cannot be seen. Root complexes with a lookup table have changing offsets by design: where ids are given device by device only the offset from StreamID to DeviceID is looked at.',
  references: [iortClause('ID mapping format: output base'), bsaRule('ITS_DEV_7'), bsaRule('ITS_DEV_8')],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    ...IORT_MESSAGES,
    stream: 'From RequesterID to StreamID the {node} {way} has changing offsets: {offsets}{affects}. {linux}',
    'device-behind-smmu':
      'From StreamID to DeviceID the {node} {way} has changing offsets: {offsets}{affects}. {linux}',
    device: 'From RequesterID to DeviceID the {node} {way} has changing offsets: {offsets}{affects}. {linux}',
  },
  check: (subject) => judgeIort(subject, true, judge),
}
