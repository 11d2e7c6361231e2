import { flagClear } from '../causes/missing-remapping-intel.js'
import { causeOn, dmarRule, linuxDmar, placeEvidence, vtdClause } from './x86-judgement.js'

const FLAGS_OFFSET = 37
const INTR_REMAP = 1

export const dmarWithoutIntrRemap = dmarRule({
  id: 'IR224',
  slug: 'dmar-without-intr-remap',
  title: 'The DMAR does not allow interrupt remapping',
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
  messages: { clear: 'The DMAR has its flag INTR_REMAP at 0.' },
  judge: (at) => {
    const { table, path } = at
    if ((table.flags & INTR_REMAP) !== 0) return { failed: [] }
    const linux = 'Linux leaves interrupt remapping off, and VFIO refuses devices with EPERM.'
    const value = `flags 0x${table.flags.toString(16)}`
    const evidence = [placeEvidence(path, FLAGS_OFFSET, 1, value)]
    const item = { subject: 'DMAR flags', devices: [], message: 'clear', details: {}, linux, evidence }
    return { failed: [{ ...item, ...causeOn(at, flagClear) }] }
  },
})
