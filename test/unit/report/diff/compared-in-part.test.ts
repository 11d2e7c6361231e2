import { expect, test } from 'vitest'
import { Budget } from '../../../../src/budget/budget.js'
import { LIMITS } from '../../../../src/budget/limits.js'
import { firmwareDocuments } from '../../../../src/probes/firmware-documents.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { renderHumanDiff } from '../../../../src/render/diff/human-diff.js'
import { decodeFirmware } from '../../../../src/report/decode/decode.js'
import type { DiffSide } from '../../../../src/report/diff/diff-types.js'
import { machineSide } from '../../../../src/report/diff/machine-side.js'
import { diffReports } from '../../../../src/report/diff/report-diff.js'
import { buildReport } from '../../../../src/report/probe/build.js'
import { PLAIN } from '../../render/report-sample.js'
import { sysrootOf, tree } from '../../rules/metal.js'

/** A side of which so many rows of all tables and trees are decoded. */
function sideOf(description: ReturnType<typeof tree>, rows: number = LIMITS.rows): DiffSide {
  const sysroot = sysrootOf({ machine: description })
  const machine = probeMachine(sysroot)
  const documents = firmwareDocuments({ kind: 'machine', sysroot })
  return machineSide(machine, buildReport(machine), decodeFirmware(documents, new Budget({ ...LIMITS, rows })))
}

test('of a tree that is not decoded to its end what is missing is no difference, and that it was not compared is said', () => {
  const [whole, cut] = [sideOf(tree()), sideOf(tree(), 40)]
  for (const [before, after] of [
    [whole, cut],
    [cut, whole],
    [cut, cut],
  ] as const) {
    const diff = diffReports(before, after)
    expect(diff.changes).toEqual([])
    const [part, ...others] = diff.comparedInPart
    expect([part?.subject, others]).toEqual(['device tree', []])
    expect([part?.leftOutBefore === 0, part?.leftOutAfter === 0]).toEqual([before === whole, after === whole])
    const text = renderHumanDiff(diff, PLAIN)
    expect(text).toContain('EQUAL: nothing that was compared differs.')
    expect(text).toContain('Device tree: only the beginning was compared')
  }
  expect(diffReports(whole, whole).comparedInPart).toEqual([])
  expect(renderHumanDiff(diffReports(whole, whole), PLAIN)).toContain('EQUAL: nothing differs.')
})
