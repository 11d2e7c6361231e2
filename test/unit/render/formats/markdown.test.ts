import { describe, expect, test } from 'vitest'
import { renderMarkdown } from '../../../../src/render/formats/markdown.js'
import { device, finding, refused, report } from '../report-sample.js'

const BAD = refused('0000:02:00.0', { iommuGroup: '5' })

describe('Markdown', () => {
  test('has the answer first, a row a device with the worst first, steps, and findings folded away', () => {
    const text = renderMarkdown(
      report([device('0000:01:00.0'), BAD], {
        findings: [finding('IR108', { devices: [BAD.address], severity: 'critical', remedy: 'Do this.' })],
      }),
    )
    const lines = text.split('\n')
    expect(lines[0]).toMatch(/^\*\*!! NOT ISOLATED: /)
    const rows = lines.filter((line) => line.startsWith('| ')).map((line) => line.split(' | ')[1])
    expect(rows).toEqual(['Device', '---', '02:00.0', '01:00.0'])
    expect(text).toContain('\n1. **')
    expect(text).toContain('<details><summary>1 findings with their evidence</summary>')
  })

  test('what a machine says is no markup: no tag, no column, no link, no code that ends early', () => {
    const hostile = '<img src=x onerror=y> | [a](http://b) `c` *d*'
    const text = renderMarkdown(
      report([device('0000:01:00.0', { driver: hostile })], {
        findings: [
          finding('IR108', {
            summary: hostile,
            evidence: [{ source: hostile, locator: 'whole file', value: hostile }],
          }),
        ],
      }),
    )
    const row = text.split('\n').find((line) => line.includes('01:00.0')) ?? ''
    expect(row.split(/(?<!\\)\|/)).toHaveLength(8)
    const outsideOfCode = text.replaceAll(/`[^`\n]*`/g, '')
    expect(outsideOfCode).not.toMatch(/(?<!\\)<img|(?<!\\)\[a/)
  })
})
