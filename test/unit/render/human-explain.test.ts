import { beforeAll, describe, expect, test } from 'vitest'
import { renderHumanExplain } from '../../../src/render/human-explain.js'
import { analyse, type Analysis } from '../../../src/report/build.js'
import { explainDevice } from '../../../src/report/explain.js'
import { machineNamed, machineNames, MACHINES_FROM } from '../../support/whole-machines.js'
import { PLAIN } from './report-sample.js'

const linesOf = (text: string) => text.trimEnd().split('\n')
/** A screen of 40 lines, less one for the prompt. */
const SCREEN = 39

describe.each(machineNames)(`%s (${MACHINES_FROM})`, (name) => {
  let analysis: Analysis
  beforeAll(async () => {
    const machine = await machineNamed(name)
    if (!machine) throw new Error(`${name} is gone`)
    analysis = analyse(machine)
  })

  test('every device with at most three findings fits 80x40', () => {
    for (const { address } of analysis.report.devices) {
      const explanation = explainDevice(analysis, address)
      const lines = linesOf(renderHumanExplain(explanation, PLAIN))
      for (const line of lines) expect(line.length, `${address}: ${line}`).toBeLessThanOrEqual(80)
      if (explanation.findings.length <= 3) expect(lines.length, lines.join('\n')).toBeLessThanOrEqual(SCREEN)
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
