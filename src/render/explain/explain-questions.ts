import type { DeviceExplanation } from '../../report/explain/explanation.js'
import { exact, heading, prose, type Block } from '../layout/document.js'
import { evidenceWords } from '../words/evidence-words.js'

/** The founding questions with their answers, and the notes. */
export function questionsSection({ questions, notes }: DeviceExplanation): readonly Block[] {
  return [
    heading('Questions'),
    ...questions.flatMap(({ question, answer, because, evidence }) => [
      prose('  ', question),
      prose('    ', `${answer}: ${because}`),
      ...evidence.map((item) => exact('      ', evidenceWords(item))),
    ]),
    ...(notes.length > 0 ? [heading('Good to know')] : []),
    ...notes.flatMap(({ text, evidence }) => [
      prose('  ', text),
      ...evidence.map((item) => exact('      ', evidenceWords(item))),
    ]),
  ]
}
