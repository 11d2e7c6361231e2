import type { NoteReport } from './explanation.js'
import { logNotes } from './log-notes.js'
import { evidenceAt } from './place-evidence.js'
import { directInjection } from './questions/guest-interrupts.js'
import type { QuestionSubject } from './questions/question.js'

const TEXTS = {
  'window-checked':
    'The MSI window lets the device write to the doorbell by plain DMA, with any data. That is by design: the look-up by DeviceID is what makes it safe.',
  'window-unchecked':
    'The MSI window lets the device write to the doorbell by plain DMA, with any data, and nothing checks what it writes: that is the attack.',
  'window-several':
    'iommufd maps the doorbells of all devices of one owner into that window; this machine has several ITSs, and each drops what is not in the tables of the DeviceID it sees.',
  injection:
    'With direct injection the ITS looks up the same DeviceID and number, so isolation is unchanged; but the host no longer sees each interrupt, and can slow a device down only as a whole.',
  flooding:
    'Isolation does not limit how often a device interrupts: its owner can flood the processors with its own interrupts.',
} as const

/** What is worth knowing and no fault: hazards H11, H15 and H17, and what the kernel log says. */
export function explanationNotes(subject: QuestionSubject): readonly NoteReport[] {
  const { device, map, route, way } = subject
  const notes: NoteReport[] = []
  const { kind } = way.msiController
  if (device.chain.msiWindow.kind === 'software') {
    const key = route.msi.isolated === 'yes' ? 'window-checked' : 'window-unchecked'
    if (route.msi.isolated !== 'unknown')
      notes.push({ id: 'msi-window', text: TEXTS[key], evidence: way.doorbell.evidence })
    const itss = map.controllers.its
    if (itss.length > 1 && route.msi.isolated === 'yes')
      notes.push({
        id: 'msi-window-several',
        text: TEXTS['window-several'],
        evidence: evidenceAt(
          map.context.machine,
          itss.flatMap((at) => at.from),
        ),
      })
  }
  const injection = directInjection(map.context)
  if (kind === 'its' && injection.from.length > 0 && injection.said.message !== 'injection-disabled')
    notes.push({
      id: 'direct-injection',
      text: TEXTS.injection,
      evidence: evidenceAt(map.context.machine, injection.from),
    })
  if (device.role === 'endpoint' && kind !== 'none') notes.push({ id: 'flooding', text: TEXTS.flooding, evidence: [] })
  return [...notes, ...logNotes(map.context.machine, device.address)]
}
