import type { GateExplanation, ReleaseAnswer } from '../explanation.js'
import { handsOut } from '../../hands-out.js'
import type { Question, QuestionSubject, Reply, Said } from './question.js'

/** The two answers of a release in few words. */
function bothInWords({ vfioType1, iommufd }: ReleaseAnswer): string {
  const words = (gate: GateExplanation) =>
    gate.errno === 'none' || gate.errno === 'unknown' ? gate.outcome : `${gate.outcome} (${gate.errno})`
  return `VFIO type1 ${words(vfioType1)}, iommufd ${words(iommufd)}`
}

function reply(subject: QuestionSubject): Reply {
  const { kernel, device, effectiveVerdict } = subject
  if (device.role !== 'endpoint') return { answer: 'not-applicable', said: [{ message: 'bridge' }] }
  const details = { release: kernel.release, predicate: kernel.isolatedMsi }
  const good = effectiveVerdict === 'isolated' || effectiveVerdict === 'isolated-with-caveats'
  const through = handsOut(kernel.vfioType1.outcome) || handsOut(kernel.iommufd.outcome)
  const refused = kernel.vfioType1.outcome === 'refuses' || kernel.iommufd.outcome === 'refuses'
  const said: readonly Said[] = [
    { message: `rule-${kernel.gateRule}`, details },
    ...(kernel.gateRule === 'none' || kernel.gateRule === 'unknown' ? [] : [{ message: 'predicate', details }]),
    ...(kernel.vfioType1.outcome === 'absent' ? [{ message: 'no-vfio' }] : []),
    ...(kernel.iommufd.outcome === 'absent' ? [{ message: 'no-iommufd' }] : []),
    ...(through && !good ? [{ message: 'accepts-all-the-same' }] : []),
    ...(refused && good ? [{ message: 'refuses-all-the-same' }] : []),
  ]
  return { answer: bothInWords(kernel), said }
}

export const gates: Question = {
  id: 'gates',
  question: 'Would VFIO let it through, would iommufd, on this kernel?',
  messages: {
    bridge: 'Only endpoints are handed out; what stands here is none.',
    'rule-capability': '{release} asks only the driver of the IOMMU whether it can remap interrupts.',
    'rule-window-then-global-or-capability':
      '{release} asks whether every MSI domain of the machine remaps where a software MSI window is there, else the driver of the IOMMU.',
    'rule-global-or-capability':
      '{release} asks whether every MSI domain of the machine remaps, or the driver of the IOMMU says so: a question about the machine.',
    'rule-per-device': '{release} asks for each device of the group whether its MSI domain isolates.',
    'rule-always': 'This architecture always isolates, says the kernel.',
    'rule-none': 'This release has no such gate.',
    'rule-unknown': 'The kernel release could not be read, and the answer depends on it.',
    predicate: 'Its predicate answers {predicate} for this device.',
    'no-vfio': 'VFIO type1 is not there: its node is missing below /dev.',
    'no-iommufd': 'There is no iommufd: the release is older than 6.2, or its node is missing below /dev.',
    'accepts-all-the-same': 'That it lets the device through proves nothing: the verdict is another.',
    'refuses-all-the-same': 'It refuses although the verdict is good: what it asks for is not the same.',
  },
  reply,
}

function changes({ releases, kernel, device }: QuestionSubject): Reply {
  if (device.role !== 'endpoint') return { answer: 'not-applicable', said: [{ message: 'bridge' }] }
  const own = releases.findIndex(({ release }) => release === kernel.release)
  const older = own < 0 ? releases : releases.slice(0, own)
  if (older.length === 0) return { answer: 'unknown', said: [{ message: 'nothing-older' }] }
  // iommufd is younger than most of them, so that only what VFIO answers can have changed.
  const differing = older.filter(
    ({ vfioType1 }) => vfioType1.outcome !== kernel.vfioType1.outcome || vfioType1.errno !== kernel.vfioType1.errno,
  )
  const spans = differing.map(({ release, vfioType1 }) => `${release} ${vfioType1.outcome}`)
  const unknown = older.some(({ vfioType1 }) => vfioType1.outcome === 'unknown')
  if (kernel.vfioType1.outcome === 'unknown') return { answer: 'unknown', said: [{ message: 'own-unknown' }] }
  if (differing.every(({ vfioType1 }) => vfioType1.outcome === 'unknown')) {
    return { answer: unknown ? 'unknown' : 'no', said: [{ message: unknown ? 'cannot-tell' : 'same' }] }
  }
  const first = older[0]?.release ?? ''
  return { answer: 'yes', said: [{ message: 'differs', details: { spans: spans.join('; '), first } }] }
}

export const history: Question = {
  id: 'history',
  question: 'Was that different on older kernels?',
  messages: {
    bridge: 'Only endpoints are handed out; what stands here is none.',
    'nothing-older': 'There is no older era to compare with.',
    'own-unknown': 'What this kernel answers is not known, so there is nothing to compare with.',
    'cannot-tell': 'What older kernels would answer on this machine could not be foretold.',
    same: 'Every era of the gate gives VFIO the same answer for this device.',
    differs:
      'VFIO type1 would have answered otherwise: {spans}. From 3.17 to 4.10 the SMMU drivers claimed remapping whatever the interrupt controller; from 4.11 to 6.2 one domain without isolation made every device of the machine unsafe, and none at all made all safe.',
  },
  reply: changes,
}
