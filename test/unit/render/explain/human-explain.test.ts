import { beforeAll, describe, expect, test } from 'vitest'
import { renderHumanExplain } from '../../../../src/render/explain/human-explain.js'
import { analyse, type Analysis } from '../../../../src/report/probe/build.js'
import { explainDevice } from '../../../../src/report/explain/explain.js'
import { machineNamed, machineNames, MACHINES_FROM } from '../../../support/whole-machines.js'
import { PLAIN } from '../report-sample.js'

const linesOf = (text: string) => text.trimEnd().split('\n')

describe.each(machineNames)(`%s (${MACHINES_FROM})`, (name) => {
  let analysis: Analysis
  beforeAll(async () => {
    const machine = await machineNamed(name)
    if (!machine) throw new Error(`${name} is gone`)
    analysis = analyse(machine)
  })

  test('every line fits 80 columns, and no heading is lost however much stands below', () => {
    for (const { address, role } of analysis.report.devices) {
      const explanation = explainDevice(analysis, address)
      const lines = linesOf(renderHumanExplain(explanation, PLAIN))
      expect(
        lines.filter((line) => line.length > 80),
        address,
      ).toEqual([])
      const headings = ['Route', 'Answers', ...(explanation.findings.length > 0 ? ['Not passed'] : [])]
      expect(lines, address).toEqual(expect.arrayContaining(headings))
      if (role === 'endpoint') expect(lines.join('\n'), address).toContain('\n  eras      VFIO type1')
    }
  })

  test('every rule that did not pass is named, in either form', () => {
    for (const { address } of analysis.report.devices) {
      const explanation = explainDevice(analysis, address)
      const texts = [PLAIN, { ...PLAIN, all: true }].map((options) => renderHumanExplain(explanation, options))
      for (const { rule } of explanation.findings) {
        for (const text of texts) expect(text).toMatch(new RegExp(`^ {2}(?:IR\\d+,\\s+)*${rule}\\b`, 'm'))
      }
    }
  })
})
