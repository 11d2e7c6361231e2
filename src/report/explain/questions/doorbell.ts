import type { Question, QuestionSubject, Reply, Said } from './question.js'

function windowSaid({ device }: QuestionSubject): Said {
  const { kind, start, end } = device.chain.msiWindow
  return { message: `window-${kind}`, details: { start, end } }
}

function reply(subject: QuestionSubject): Reply {
  const { physical, window, evidence } = subject.way.doorbell
  if (physical === 'none') return { answer: 'none', said: [{ message: 'none' }], evidence }
  const answer = window.kind === 'none' || window.kind === 'unknown' ? physical : `${physical}, ${window.kind} window`
  const said = { message: physical === 'unknown' ? 'physical-unknown' : 'physical', details: { physical } }
  return {
    answer: physical === 'unknown' && window.kind === 'unknown' ? 'unknown' : answer,
    said: [said, windowSaid(subject)],
    evidence,
  }
}

export const doorbell: Question = {
  id: 'doorbell',
  question: 'Where is the doorbell, physically and as the device sees it?',
  messages: {
    none: 'Nothing takes its MSIs, so there is no doorbell.',
    physical: 'The page that takes its MSIs is written at {physical}.',
    'physical-unknown': 'The physical address is not in what firmware describes.',
    'window-software':
      'The kernel maps it into the window {start} to {end} of the IOVA space, which it chose itself: a write there is translated like any other.',
    'window-hardware':
      'The hardware, or the hypervisor below, reserves {start} to {end} of the IOVA space for it: a write there is not translated.',
    'window-none': 'No group of this device reserves a window for it.',
    'window-unknown': 'Which window its group reserves could not be read, or shows only once it has a group.',
  },
  reply,
}
