import type { AssignableReason } from '../../report/assignment-types.js'
import type { DeviceReport } from '../../report/types.js'
import { enumerate } from '../layout/text-layout.js'
import { OBSTACLE_WORDS } from './obstacle-words.js'

/** What stops it, in words that follow a colon. */
const REASON_WORDS: Record<AssignableReason, string> = {
  ...OBSTACLE_WORDS,
  'not-isolated': 'it or its group can raise interrupts that belong to others',
  'isolation-unknown': 'whether it raises only its own interrupts cannot be told',
  'kernel-refuses': 'this kernel refuses it',
  'kernel-unknown': "this kernel's answer cannot be told",
  'interface-absent': 'this kernel offers neither VFIO type1 nor iommufd',
  'viability-unknown': 'whether another driver holds a member of its group cannot be told',
  'no-endpoint': 'only endpoints are handed out',
}
const INTERFACE_WORDS = { vfioType1: 'VFIO type1', iommufd: 'iommufd' } as const

/** `may be handed out through …`, or what stops it; about `it` or a list of devices. */
export function assignableWords({ answer, interfaces, reasons }: DeviceReport['assignable']): string {
  const why = reasons.map((reason) => REASON_WORDS[reason]).join('; ')
  switch (answer) {
    case 'yes':
      return `may be handed out through ${enumerate(
        interfaces.map((one) => INTERFACE_WORDS[one]),
        2,
      )}`
    case 'no':
      return `may not be handed out: ${why}`
    case 'unknown':
      return `may be handed out or not, nobody can tell from here: ${why}`
  }
}
