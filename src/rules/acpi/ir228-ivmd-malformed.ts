import type { IvrsBlock } from '../../machine/ivrs.js'
import { hex } from '../../machine/identifiers.js'
import type { OutcomeItem } from '../rule.js'
import { amdClause, ivrsRule, linuxAmd, placeEvidence, structureSubject } from './x86-judgement.js'

type Ivmd = Extract<IvrsBlock, { readonly type: 'ivmd' }>

const PAGE = 0x1000n
const RANGE = 0x22

function faultsOf(block: Ivmd): readonly string[] {
  const { start, blockLength } = block
  return [
    ...(start % PAGE === 0n ? [] : ['its start is no page address']),
    ...(blockLength === 0n ? ['its length is 0'] : []),
    ...(blockLength % PAGE === 0n ? [] : ['its length is no multiple of a page']),
    ...(start + blockLength > 1n << 64n ? ['it ends past the last address'] : []),
    ...(block.typeCode === RANGE && block.auxiliaryData < block.deviceId
      ? ['its last device id is below its first']
      : []),
  ]
}

const words = ({ start, blockLength }: Ivmd) => `start ${hex(start)}, length ${hex(blockLength)}`

/** Whether two blocks are for one device; a block of type 20h is for all. */
function shareDevice(left: Ivmd, right: Ivmd): boolean {
  const span = ({ typeCode, deviceId, auxiliaryData }: Ivmd) =>
    typeCode === 0x20 ? [0, 0xffff] : [deviceId, typeCode === RANGE ? auxiliaryData : deviceId]
  const [leftFirst = 0, leftLast = 0] = span(left)
  const [rightFirst = 0, rightLast = 0] = span(right)
  return leftFirst <= rightLast && rightFirst <= leftLast
}

/** Blocks of one device that hold the same memory with different rights. */
function overlapOf(block: Ivmd, before: readonly Ivmd[]): Ivmd | undefined {
  return before.find(
    (other) =>
      other.flags !== block.flags &&
      other.start < block.start + block.blockLength &&
      block.start < other.start + other.blockLength &&
      shareDevice(other, block),
  )
}

const BLOCKS_COMPARED = 256

export const ivmdMalformed = ivrsRule({
  id: 'IR228',
  slug: 'ivmd-malformed',
  title: 'A memory block of the IVRS (IVMD) is malformed',
  severity: 'medium',
  effect: 'none',
  checks:
    'Start and length of every IVMD: whole pages and not empty; and blocks of one device that overlap with other flags.',
  why: 'The block says which memory a device goes on using. A hypervisor that takes the table at its word gives the IOMMU up for such a block, or maps memory that nobody meant.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Align start and length of the IVMD to pages, or leave the block out where it is for no memory.',
    },
  ],
  limits: 'Whether the device uses the memory cannot be seen.',
  references: [
    amdClause('I/O Virtualization Memory Definition block: start address and memory block length'),
    linuxAmd('init_unity_map_range'),
  ],
  messages: {
    malformed: 'The memory block (IVMD) at {at} ({range}) is malformed: {faults}.',
    overlap: 'The memory block (IVMD) at {at} ({range}) overlaps the one at {other} and has other flags.',
  },
  judge: ({ table, path }) => {
    const blocks = table.blocks.filter((block): block is Ivmd => block.type === 'ivmd')
    const failed = blocks.slice(0, BLOCKS_COMPARED).flatMap((block, index): readonly OutcomeItem[] => {
      const faults = faultsOf(block)
      const at = hex(block.offset)
      const common = { subject: structureSubject(block, 'IVRS'), devices: [] }
      const evidence = [placeEvidence(path, block.offset, block.length, words(block))]
      if (faults.length > 0)
        return [
          {
            ...common,
            message: 'malformed',
            details: {
              at,
              range: words(block),
              faults: faults.join(', '),
            },
            linux: 'Linux rounds it to pages and goes on; Xen refuses the table and leaves the IOMMU off.',
            evidence,
          },
        ]
      const other = overlapOf(block, blocks.slice(0, index))
      if (!other) return []
      const linux = 'Linux maps both, the later one where it can.'
      const details = { at, range: words(block), other: hex(other.offset) }
      return [{ ...common, message: 'overlap', details, linux, evidence, severity: 'low' }]
    })
    return { failed, applicable: blocks.length > 0 }
  },
})
