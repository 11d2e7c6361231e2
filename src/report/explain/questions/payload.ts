import { idsInWords, type Question, type QuestionSubject, type Reply, type Said } from './question.js'

function sharing(subject: QuestionSubject): readonly Said[] {
  const { sharedWith } = subject.way.msiController
  if (sharedWith === 'unknown') return [{ message: 'sharing-unknown' }]
  if (sharedWith.length === 0) return [{ message: 'alone' }]
  const named = (list: typeof sharedWith) =>
    list
      .slice(0, 4)
      .map(({ address }) => address)
      .join(', ') + (list.length > 4 ? ` and ${list.length - 4} more` : '')
  const within = sharedWith.filter(({ sameGroup }) => sameGroup)
  const beyond = sharedWith.filter(({ sameGroup }) => !sameGroup)
  return [
    ...(within.length > 0 ? [{ message: 'shared-inside', details: { devices: named(within) } }] : []),
    ...(beyond.length > 0 ? [{ message: 'shared-across', details: { devices: named(beyond) } }] : []),
  ]
}

function reply(subject: QuestionSubject): Reply {
  const { msiController } = subject.way
  const evidence = [...msiController.described.evidence, ...msiController.inUse.evidence]
  const { kind } = msiController
  switch (kind) {
    case 'its':
    case 'gicv5-its': {
      const checked = subject.route.msi.isolated
      const details = { id: msiController.id, deviceIds: idsInWords(msiController.deviceIds) }
      const looks = checked === 'yes' ? 'looks-up' : checked === 'no' ? 'pre-its' : 'perhaps'
      return { answer: checked, said: [{ message: looks, details }, ...sharing(subject)], evidence }
    }
    case 'x86-remapped':
      return { answer: 'yes', said: [{ message: 'remapped' }], evidence }
    case 'none':
      return { answer: 'no', said: [{ message: 'none' }], evidence }
    case 'unknown':
      return { answer: 'unknown', said: [{ message: 'unknown' }], evidence }
    case 'gicv2m':
    case 'gicv3-mbi':
    case 'host-bridge':
    case 'imsic':
    case 'x86-vector':
    case 'other':
      return {
        answer: subject.route.msi.isolated,
        said: [{ message: subject.route.msi.isolated === 'no' ? `raises-${kind}` : 'unknown' }],
        evidence,
      }
  }
}

/** Hazards H6, H7 and H8 of the device's own way. */
export const payload: Question = {
  id: 'payload',
  question: 'Does the ITS look its MSI payload up, under which DeviceID, and with whom is that shared?',
  messages: {
    'looks-up':
      'ITS {id} looks the number it writes up in the table of DeviceID {deviceIds}; numbers that are not in that table are dropped.',
    'pre-its': 'ITS {id} looks it up, but behind a pre-ITS the device chooses its DeviceID by the address it writes.',
    perhaps: 'ITS {id} would look it up, but what decides whether the DeviceID can be trusted could not be read.',
    alone: 'No other function of this machine has that DeviceID.',
    'shared-inside': 'It shares the table with {devices} of its own group, which goes to the same owner.',
    'shared-across':
      'It shares the table with {devices} outside its group: each can raise the interrupts of the other.',
    'sharing-unknown': 'The DeviceID cannot be told, so it may be that of another.',
    remapped: 'There is no ITS here: the interrupt remapping table does its work and checks the source id.',
    none: 'No MSI controller takes its messages.',
    unknown: 'Which controller takes its messages, or whether that one checks, is not known.',
    'raises-gicv2m': 'A GICv2m frame raises whatever number is written to it, whoever writes.',
    'raises-gicv3-mbi': 'Message-based SPIs are raised by number, whoever writes.',
    'raises-host-bridge': 'The host bridge takes the message itself and looks at the number alone.',
    'raises-imsic': 'The IMSIC raises whatever identity is written to its page, whoever writes.',
    'raises-x86-vector': 'The processors take any vector that is written to them, whoever writes.',
    'raises-other': 'This controller raises whatever number is written to it, whoever writes.',
  },
  reply,
}
