import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { probeMachine } from '../../../../src/probes/machine.js'
import { renderHtml } from '../../../../src/render/formats/html.js'
import { buildReport } from '../../../../src/report/probe/build.js'
import { bundledMachines } from '../../../support/machines.js'
import { hasChromium } from '../../../support/outside.js'
import { device, finding, refused, report } from '../report-sample.js'

const BAD = refused('0000:02:00.0', { iommuGroup: '5', driver: 'a-driver' })
const GOOD = device('0000:01:00.0', { iommuGroup: '10', driver: 'z-driver' })
const page = renderHtml(
  report([GOOD, BAD], { findings: [finding('IR108', { devices: [BAD.address], severity: 'critical' })] }),
)

/** The page after a script has run in it, as the browser has it. */
function inBrowser(html: string, script: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'intremap-page-'))
  try {
    const file = join(directory, 'page.html')
    writeFileSync(file, html.replace('</body>', `<script>${script}</script></body>`))
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
    const words = [...flags, '--disable-component-update', '--disable-sync', `--user-data-dir=${directory}/profile`]
    return spawnSync('chromium', [...words, '--dump-dom', `file://${file}`], { encoding: 'utf8', timeout: 60_000 })
      .stdout
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
const order = (html: string) => [...html.matchAll(/class="code">(\d\d:00\.0)</g)].map(([, address]) => address)

describe('the page', () => {
  test('asks nothing of anybody else, and says all without its script', async () => {
    for (const { name, sysroot } of await bundledMachines()) {
      const machine = buildReport(probeMachine(sysroot))
      const html = renderHtml(machine)
      expect(html, name).not.toMatch(/(?:src|href)=|@import|url\(/)
      const readable = html.replaceAll(/<script>[\s\S]*?<\/script>/g, '')
      for (const { rule } of machine.findings) expect(readable, name).toContain(`<b>${rule}</b>`)
    }
  })

  test('stands worst first', () => {
    expect(order(page)).toEqual(['02:00.0', '01:00.0'])
  })

  test('holds no markup of the machine', () => {
    const hostile = `"><script>alert(1)</script><img src=x onerror='alert(1)'>`
    const html = renderHtml(
      report([device('0000:01:00.0', { driver: hostile, iommuGroup: hostile, name: hostile })], {
        source: { kind: 'bundle', name: hostile },
        findings: [finding('IR108', { summary: hostile, remedy: hostile, subject: hostile })],
        unread: [{ source: hostile, area: 'other-files', reason: 'io', extent: hostile }],
      }),
    )
    expect(html.match(/<script/g)).toHaveLength(1)
    expect(html).not.toContain('<img')
  })

  test.skipIf(!hasChromium)(
    'a click on a title sorts the table, a second one the other way round',
    () => {
      const clicks = (number: number) =>
        `for(let i=0;i<${number};i+=1)document.querySelectorAll('th button')[4].click()`
      expect(order(inBrowser(page, clicks(0)))).toEqual(['02:00.0', '01:00.0'])
      expect(order(inBrowser(page, clicks(1)))).toEqual(['02:00.0', '01:00.0'])
      const twice = inBrowser(page, clicks(2))
      expect(order(twice)).toEqual(['01:00.0', '02:00.0'])
      expect(twice).toContain('aria-sort="descending"')
    },
    120_000,
  )
})
