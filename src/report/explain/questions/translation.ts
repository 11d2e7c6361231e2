import type { Route } from '../../../routes/route.js'
import type { RouteReport } from '../explanation.js'
import { idsInWords, type Question, type QuestionSubject, type Reply } from './question.js'

function evidenceOf({ described, probed, inUse }: RouteReport['iommu']) {
  return [...described.evidence, ...probed.evidence, ...inUse.evidence]
}

/** Why nothing translates for a function that never gets a group: an IOMMU that refused it does stand before it. */
function neverBecause({ attachment }: Route['iommu']): string {
  if (attachment.state !== 'never') return 'none'
  switch (attachment.why) {
    case 'refused':
    case 'stream-id-taken':
      return 'refused'
    case 'no-iommu-mode':
    case 'not-driven':
      return attachment.why
    case 'not-described':
      return 'none'
  }
}

function reply({ way, device, route }: QuestionSubject): Reply {
  const { iommu, msiController } = way
  const evidence = evidenceOf(iommu)
  const details = {
    name: iommu.name,
    streamIds: idsInWords(iommu.streamIds),
    start: device.chain.msiWindow.start,
    end: device.chain.msiWindow.end,
  }
  switch (iommu.attachment) {
    case 'never':
      return { answer: 'no', said: [{ message: neverBecause(route.iommu), details }], evidence }
    case 'deferred':
    case 'not-awaited':
      return { answer: 'no', said: [{ message: 'not-driven', details }], evidence }
    case 'never-or-deferred':
      return { answer: 'no', said: [{ message: 'none-or-not-driven' }], evidence }
    case 'undecided':
      return { answer: 'unknown', said: [{ message: 'undecided' }], evidence }
    case 'grouped':
    case 'later':
      break
  }
  if (iommu.described.answer !== 'yes') return { answer: 'unknown', said: [{ message: 'contradicted' }], evidence }
  if (msiController.kind === 'x86-remapped')
    return { answer: 'yes', said: [{ message: 'remapped', details }], evidence }
  if (msiController.kind === 'x86-vector') return { answer: 'no', said: [{ message: 'past', details }], evidence }
  const hardware = device.chain.msiWindow.kind === 'hardware'
  const said = [
    { message: hardware ? 'window-bypass' : 'translates', details },
    ...(iommu.hostDomain === 'identity' ? [{ message: 'identity' }] : []),
    ...(iommu.attachment === 'later' ? [{ message: 'later' }] : []),
  ]
  return { answer: hardware ? 'no' : 'yes', said, evidence }
}

/** Hazards H1 and H2 of the device's own way. */
export const translation: Question = {
  id: 'translation',
  question: "Does the SMMU, or another IOMMU, translate this device's MSI writes, and through which StreamID?",
  messages: {
    none: 'No IOMMU stands before the device: its writes go to the address it chooses.',
    refused: 'The driver of {name}, which stands before the device, refused it: nothing translates for it.',
    'no-iommu-mode': 'VFIO holds the device in its no-IOMMU mode: its writes go to the address it chooses.',
    'not-driven': 'Firmware describes {name} before it, but the kernel does not drive it, so nothing is translated.',
    'none-or-not-driven': 'None is driven; whether one is described cannot be told.',
    undecided: 'What decides it could not be read, or the kernel release is not known.',
    contradicted: 'The kernel has put it in a group, but firmware describes no IOMMU before it.',
    translates: '{name} translates every write it makes, an MSI like any other, through StreamID {streamIds}.',
    'window-bypass':
      '{name} takes its other writes through StreamID {streamIds}, but passes {start} to {end}, where the doorbell lies, untranslated.',
    identity:
      'At present the host uses an identity domain, which maps every address to itself; assignment replaces it.',
    later: 'That begins when vfio-pci binds to it; until then it has no group.',
    remapped:
      '{name} takes writes to the interrupt range for itself, as source id {streamIds}, and looks the interrupt up in its own table.',
    past: 'Its other writes are translated, but those to the interrupt range reach the processors as they are.',
  },
  reply,
}
