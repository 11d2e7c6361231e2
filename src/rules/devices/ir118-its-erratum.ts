import { evidenceFrom, evidenceOf } from '../evidence.js'
import { itsUsers } from './its-users.js'
import { ITS_ERRATA } from './quirks/its-errata.js'
import { linuxIts } from '../firmware-references.js'
import { NOT_APPLICABLE, PASS, type Outcome, type OutcomeItem, type Rule, type Subject } from '../rule.js'

const LINE = /^GIC: enabling workaround for (ITS: .+)$/

function check({ machine, routes }: Subject): Outcome {
  const devices = itsUsers(routes).map((route) => route.fn.name)
  if (devices.length === 0) return NOT_APPLICABLE
  const { log } = machine.kernel
  if (log.state === 'unreadable') {
    const item = { subject: 'kernel log', devices, message: 'unreadable', details: {}, evidence: evidenceOf(log) }
    return { ...PASS, unknown: [item] }
  }
  const names = new Set(routes.context.log.of(LINE).map((line) => LINE.exec(line)?.[1] ?? ''))
  const failed = [...names].map((name): OutcomeItem => {
    const erratum = ITS_ERRATA.find((at) => at.name === name)
    const evidence = evidenceFrom(log.from, `GIC: enabling workaround for ${name}`)
    const details = { name, effect: erratum?.effect ?? '' }
    const message = erratum === undefined ? 'unlisted' : erratum.isolation
    return {
      subject: name,
      devices,
      message,
      details,
      evidence,
      ...(message === 'unchanged' ? {} : { severity: 'medium' }),
    }
  })
  return { ...PASS, failed }
}

export const itsErratum: Rule = {
  id: 'IR118',
  slug: 'its-erratum',
  title: 'Linux works around an erratum of the ITS',
  scope: 'machine',
  severity: 'info',
  effect: 'none',
  checks: 'Lines of the kernel log that name a workaround for an ITS, against a table of what each does to isolation.',
  why: 'All known errata but one leave the isolation of MSIs as it is; the one, the pre-ITS, is left to rule IR102. A name that is not in the table deserves a look.',
  remedy: [
    {
      actor: 'hardware',
      messages: ['cleared'],
      text: 'Keep devices behind this ITS on the host; no setting separates their interrupts.',
    },
    { actor: 'hardware', text: 'Ask the manufacturer what the erratum does to the isolation of interrupts.' },
  ],
  limits: 'Errata that Linux does not know, and log lines that have rotated away.',
  references: [linuxIts('its_quirks')],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    unchanged: 'Linux works around {name}: {effect}. Isolation is as without it.',
    cleared: 'Linux works around {name}: {effect}. Isolation is lost by it.',
    unlisted: 'Linux works around {name}, of which nothing is known here.',
    unreadable: 'The kernel log cannot be read, so errata of the ITS are not known.',
  },
  check,
}
