import { describe, expect, it } from 'vitest'
import { ABSENCE_AS_VALUE } from '../../../src/report/probe/absence-as-value.js'
import { ABSENCE_MACHINES } from '../../support/law-machines.js'
import { bundledMachines } from '../../support/machines.js'
import { checkLaw } from '../../support/soundness-law.js'

describe('the table of absences', async () => {
  // Groups of several functions, one of them worse than the others.
  const topology = (await bundledMachines()).filter(({ name }) => name === 'arm-v3its-topo-acpi-612')
  const exercised = new Set<string>()
  it.each([...ABSENCE_MACHINES, ...topology].map(({ name, sysroot }) => [name, sysroot] as const))(
    'is all that %s becomes stronger by',
    (_, sysroot) => {
      const { violations, redactionViolations, differences, rows } = checkLaw(sysroot)
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
