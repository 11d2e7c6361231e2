import { describe, expect, test } from 'vitest'
import { renderHumanProbe } from '../../../../src/render/probe/human-probe.js'
import type { DeviceReport } from '../../../../src/report/types.js'
import { device, PLAIN, refused, report } from '../report-sample.js'

const linesOf = (text: string) => text.trimEnd().split('\n')
const address = (index: number) => `0000:${(index + 1).toString(16).padStart(2, '0')}:00.0`

describe('the screen', () => {
  test('of a screen of 24 lines as many rows stay as fit, and all that are bad', () => {
    const good = Array.from({ length: 9 }, (_, index) =>
      device(address(index), { driver: `driver${index}`, iommuGroup: String(index) }),
    )
    const bad = Array.from({ length: 8 }, (_, index) => refused(address(20 + index), { driver: `bad${index}` }))
    const rowsOf = (devices: readonly DeviceReport[], rows?: number) => {
      const lines = linesOf(renderHumanProbe(report(devices), { ...PLAIN, rows }))
      return { lines: lines.length, rows: lines.filter((line) => /^(?:!!|ok) (?:not )?isolated/.test(line)).length }
    }
    expect(rowsOf(good).lines).toBeLessThanOrEqual(24)
    expect(rowsOf(good).rows).toBe(9)
    const mixed = rowsOf([...good, ...bad.slice(0, 1)])
    expect(mixed.lines).toBeLessThanOrEqual(24)
    expect(mixed.rows).toBeGreaterThanOrEqual(5)
    expect(rowsOf([...good, ...bad]).rows).toBeGreaterThanOrEqual(8)
    expect(rowsOf([...good, ...bad.slice(0, 1)], 60).rows).toBe(10)
  })

  test('on a terminal that scrolls the answer is the last line too, and in a pipe it stands once', () => {
    const devices = Array.from({ length: 9 }, (_, index) => refused(address(index), { driver: `driver${index}` }))
    const answer = '!! NOT ISOLATED: all 9 devices can raise interrupts that belong to others.'
    const scrolled = linesOf(renderHumanProbe(report(devices), { ...PLAIN, rows: 12 }))
    expect([scrolled[0], scrolled.at(-1)]).toEqual([answer, answer])
    for (const rows of [undefined, 80]) {
      const lines = linesOf(renderHumanProbe(report(devices), { ...PLAIN, rows }))
      expect(lines.filter((line) => line === answer)).toHaveLength(1)
    }
  })
})
