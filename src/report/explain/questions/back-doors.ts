import { summaryOf } from '../../../rules/fill-message.js'
import { evidenceAt } from '../place-evidence.js'
import type { Question, QuestionSubject, Reply } from './question.js'

/** The rule that keeps the table of known back doors. */
const RULE = 'IR116'

function reply({ evaluation, device, route, map }: QuestionSubject): Reply {
  const { machine } = map.context
  const ids = { id: `${device.vendorId.slice(2)}:${device.deviceId.slice(2)}` }
  const guard = { message: `guard-${route.msi.isolated}` }
  const evidence = evidenceAt(machine, [...route.fn.vendor.from, ...route.fn.device.from])
  const finding = evaluation.devices.get(route.fn.name)?.findings.find(({ rule }) => rule.id === RULE)
  if (finding) {
    const text = summaryOf(finding.rule, finding.item)
    return { answer: finding.kind === 'fail' ? 'yes' : 'unknown', said: [{ message: text }, guard], evidence }
  }
  const asked = evaluation.outcomes.has(RULE) && route.fn.vendor.state === 'known' && route.fn.device.state === 'known'
  return {
    answer: asked ? 'no' : 'unknown',
    said: [{ message: asked ? 'none' : 'untold', details: ids }, guard],
    evidence,
  }
}

/** Hazard H12. */
export const backDoors: Question = {
  id: 'back-doors',
  question: 'Is a back door to its MSI configuration or MSI-X table known, and what guards it?',
  messages: {
    none: '{id} is not among the devices with a known one; others may have one that nobody wrote down.',
    untold: 'Whether {id} is among the devices with a known one could not be told.',
    'guard-yes':
      'It need not be closed: vfio-pci lets an owner write the MSI-X table anyhow, and what guards the host is that the controller looks up whatever is written.',
    'guard-no':
      'Nothing guards it: the controller takes whatever is written, and an owner can write the MSI-X table anyhow.',
    'guard-unknown': 'Whether the controller looks up what is written, which alone would guard it, is not known.',
  },
  reply,
}
