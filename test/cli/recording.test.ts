import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PACKAGE_ROOT } from './run-intremap.js'

const SVG = readFileSync(join(PACKAGE_ROOT, 'docs/recording.svg'), 'utf8')

test('the recording is what the program prints (node scripts/recording.mjs)', () => {
  const made = spawnSync(process.execPath, ['scripts/recording.mjs', '-'], {
    cwd: PACKAGE_ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  })
  expect(made.stderr).toBe('')
  expect(made.stdout).toBe(SVG)
}, 60_000)

test('it asks nobody for anything, and the page shows it', () => {
  expect(SVG).not.toMatch(/href|url\(|@import|<script/)
  expect(SVG.match(/<g class="s"/g)?.length).toBeGreaterThan(2)
  expect(readFileSync(join(PACKAGE_ROOT, 'README.md'), 'utf8')).toContain('(docs/recording.svg)')
})
