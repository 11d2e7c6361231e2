import { describe, expect, it } from 'vitest'
import { ABSENCE_AS_VALUE } from '../../../src/report/probe/absence-as-value.js'
import { ABSENCE_MACHINES, WITH_ABSENCES } from '../../support/law-machines.js'
import { bundledMachines } from '../../support/machines.js'
import { checkLaw } from '../../support/soundness-law.js'

describe('the table of absences', async () => {
  const bundled = (await bundledMachines()).filter(({ name }) => name === WITH_ABSENCES)
  const exercised = new Set<string>()
  it.each([...ABSENCE_MACHINES, ...bundled].map(({ name, sysroot }) => [name, sysroot] as const))(
    'is all that %s becomes stronger by',
    (name, sysroot) => {
      const { reads, mutations, judged, redacted, violations, redactionViolations, differences, rows } =
        checkLaw(sysroot)
      console.log(`${name}: ${mutations} mutations, ${judged} judged, ${redacted} through redaction`)
      expect(mutations).toBeGreaterThan(reads)
      expect(violations).toEqual([])
      expect(redactionViolations).toEqual([])
      expect(differences).toEqual([])
      for (const row of rows) exercised.add(row)
    },
  )
  it('has no row that no machine needs', () => {
    expect(ABSENCE_AS_VALUE.map((row) => row.fact).filter((fact) => !exercised.has(fact))).toEqual([])
  })
})
