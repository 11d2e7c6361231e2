import { describe, expect, it } from 'vitest'
import { WITH_ABSENCES } from './law-machines.js'
import { bundledMachines } from './machines.js'
import { checkLaw } from './soundness-law.js'

/**
 * The law over every bundled machine whose turn it is: the machines are dealt to as many test files, for both cores. The
 * one that is judged beside the table of absences is not judged twice.
 */
export async function describeLaw(turn: number, files: number): Promise<void> {
  const machines = (await bundledMachines())
    .filter(({ name }) => name !== WITH_ABSENCES)
    .filter((_, index) => index % files === turn)
  describe('the law of soundness: no failed read, no loss and no redaction makes anything stronger', () => {
    let total = 0
    let judged = 0
    let sampled = 0
    let redacted = 0
    it.each(machines.map(({ name, sysroot }) => [name, sysroot] as const))('%s', (_, sysroot) => {
      const result = checkLaw(sysroot)
      total += result.mutations
      judged += result.judged
      sampled += result.sampled
      redacted += result.redacted
      expect(result.mutations).toBeGreaterThan(result.reads)
      expect(result.violations).toEqual([])
      expect(result.redacted).toBeGreaterThan(0)
      expect(result.redactionViolations).toEqual([])
      expect(result.differences).toEqual([])
    })
    it('did so many times', () => {
      console.log(
        `${total} mutations of ${machines.length} machines, ${judged} judged, ${sampled} from the start as well, ${redacted} through redaction`,
      )
      expect(judged).toBeGreaterThan(0)
      expect(sampled).toBeGreaterThan(total / 250)
    })
  })
}
