import { flagClear } from '../causes/missing-remapping-intel.js'
import type { Rule } from '../rule.js'
import { causeOn, judgeDmar, linuxDmar, placeEvidence, vtdClause, X86_MESSAGES } from './x86-judgement.js'

const FLAGS_OFFSET = 37
const INTR_REMAP = 1

export const dmarWithoutIntrRemap: Rule = {
  id: 'IR224',
  slug: 'dmar-without-intr-remap',
  title: 'The DMAR does not allow interrupt remapping',
  scope: 'firmware',
  severity: 'medium',
  effect: 'none',
  checks: 'Flag INTR_REMAP (bit 0) of the DMAR.',
  why: 'Without it Linux leaves interrupt remapping off, so that a device raises any interrupt, and VFIO refuses devices.',
  remedy: [
    {
      actor: 'firmware',
      text: 'Set INTR_REMAP in the DMAR where the units can remap; the firmware setup may have an entry for it beside VT-d.',
    },
  ],
  limits: 'Whether the units can remap is in their registers, not in the table.',
  references: [vtdClause('section 8.1, Flags: INTR_REMAP'), linuxDmar('dmar.c: dmar_ir_support')],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: { ...X86_MESSAGES, clear: 'The DMAR has its flag INTR_REMAP at 0.' },
  check: (subject) =>
    judgeDmar(subject, (at) => {
      const { table, path } = at
      if ((table.flags & INTR_REMAP) !== 0) return { failed: [] }
      const linux = 'Linux leaves interrupt remapping off, and VFIO refuses devices with EPERM.'
      const value = `flags 0x${table.flags.toString(16)}`
      const evidence = [placeEvidence(path, FLAGS_OFFSET, 1, value)]
      const item = { subject: 'DMAR flags', devices: [], message: 'clear', details: {}, linux, evidence }
      return { failed: [{ ...item, ...causeOn(at, flagClear) }] }
    }),
}
