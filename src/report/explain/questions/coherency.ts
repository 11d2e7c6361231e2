import { placeOfProperty } from '../../../machine/devicetree.js'
import type { Provenance } from '../../../machine/fact.js'
import { coherencyOf } from '../../../routes/coherency.js'
import type { Route } from '../../../routes/route.js'
import { evidenceAt } from '../place-evidence.js'
import type { Question, QuestionSubject, Reply } from './question.js'

/** Where firmware would mark the IOMMU as coherent. */
function markPlaces({ described }: Route['iommu']): readonly Provenance[] {
  if (described.state === 'undecided' || described.value === 'none') return described.from
  const { iortOffset, node } = described.value
  if (iortOffset !== undefined)
    return [{ path: 'sys/firmware/acpi/tables/IORT', at: { offset: iortOffset, length: 4 } }]
  return node ? [placeOfProperty(node, 'dma-coherent')] : described.from
}

function reply({ map, route }: QuestionSubject): Reply {
  const { kind } = route.iommu
  const evidence = evidenceAt(map.context.machine, markPlaces(route.iommu))
  const answer = coherencyOf(map, route)
  switch (kind) {
    case 'none':
      return { answer: 'no', said: [{ message: 'no-iommu' }] }
    case 'vt-d':
    case 'amd-vi':
    case 'virtio-iommu':
      return { answer, said: [{ message: 'always' }], evidence }
    case 'riscv':
      return { answer, said: [{ message: 'never' }, { message: 'refused' }], evidence }
    case 'smmuv3':
    case 'smmuv2':
      return {
        answer,
        said: [{ message: `${kind}-${answer}` }, ...(answer === 'no' ? [{ message: 'refused' }] : [])],
        evidence,
      }
    case 'other':
    case 'unknown':
      return { answer, said: [{ message: 'unknown' }], evidence }
  }
}

/** The other capability that VFIO asks for, from 5.19 on. */
export const coherency: Question = {
  id: 'cache-coherency',
  question: 'Is cache coherency there, the other capability that VFIO asks for?',
  messages: {
    'no-iommu': 'Without an IOMMU nobody asks for it.',
    always: 'The driver of this kind of IOMMU always reports it.',
    never: 'The driver of this kind of IOMMU never reports it.',
    unknown: 'What the driver of this IOMMU reports is not known.',
    'smmuv3-yes': 'Firmware marks the SMMU as coherent, and the driver believes firmware alone.',
    'smmuv3-no': 'Firmware does not mark the SMMU as coherent, and the driver believes firmware alone.',
    'smmuv3-unknown': 'What firmware says of the SMMU could not be read.',
    'smmuv2-yes': 'Firmware marks the table walk of the SMMU, or the device itself, as coherent.',
    'smmuv2-no': 'Firmware marks neither the table walk of the SMMU nor the device as coherent.',
    'smmuv2-unknown': 'What firmware says of the SMMU or the device could not be read.',
    refused: 'From 5.19 on vfio-pci therefore does not bind: error -22, EINVAL, before isolation is ever asked for.',
  },
  reply,
}
