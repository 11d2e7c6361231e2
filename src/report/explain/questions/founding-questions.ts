import { backDoors } from './back-doors.js'
import { coherency } from './coherency.js'
import { doorbell } from './doorbell.js'
import { epermElsewhere } from './eperm-elsewhere.js'
import { gates, history } from './gates.js'
import { gicGeneration } from './gic-generation.js'
import { guestInterrupts } from './guest-interrupts.js'
import { payload } from './payload.js'
import type { Question } from './question.js'
import { translation } from './translation.js'
import { withoutHypervisor } from './without-hypervisor.js'

/** What every device is asked, in the order of its way. */
export const FOUNDING_QUESTIONS: readonly Question[] = [
  translation,
  payload,
  gicGeneration,
  doorbell,
  gates,
  epermElsewhere,
  history,
  backDoors,
  coherency,
  guestInterrupts,
  withoutHypervisor,
]
