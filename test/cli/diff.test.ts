import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { intremapHere } from './run-here.js'
import { bundleOf, smallMachine, writeTree } from './run-intremap.js'
import { temporaryDirectory } from '../support/temporary-directories.js'

const directory = temporaryDirectory()
const bundle = join(directory, 'machine.tar.gz')
writeFileSync(bundle, bundleOf(smallMachine()))
const tree = writeTree(smallMachine())

test('a bundle, its tree and its report are the same machine', async () => {
  const report = join(directory, 'report.json')
  writeFileSync(report, (await intremapHere(['probe', '--json', '--sysroot', tree])).stdout)
  for (const pair of [
    [bundle, tree],
    [report, bundle],
    [tree, report],
  ]) {
    const run = await intremapHere(['diff', ...pair])
    expect(run.stdout).toMatch(/^ok EQUAL: nothing differs\.\n/)
    expect(run.exitCode).toBe(0)
  }
})

test('a device that came and cannot be judged makes it weaker, as JSON and from standard input too', async () => {
  const more = { ...smallMachine() }
  for (const [path, content] of Object.entries(smallMachine())) {
    if (path.includes('0000:00:01.0') && typeof content === 'string') {
      more[path.replaceAll('0000:00:01.0', '0000:00:02.0')] = content.replaceAll('0000:00:01.0', '0000:00:02.0')
    }
  }
  more['sys/bus/pci/devices/0000:00:02.0'] = { link: '../../../devices/pci0000:00/0000:00:02.0' }
  const run = await intremapHere(['diff', bundle, '-', '--json'], { input: bundleOf(more) })
  expect(run.exitCode).toBe(1)
  expect(JSON.parse(run.stdout)).toMatchObject({ schema: 'intremap/diff', exitCode: 1 })
  expect(await intremapHere(['diff', '-', '-'])).toMatchObject({ exitCode: 64, stdout: '' })
})

test('a report that was cut, or of another major version, is no evidence', async () => {
  const cut = join(directory, 'cut.json')
  writeFileSync(cut, '{\n  "schema": "intremap/report",\n  "schemaVersion": "1.0.0",\n  "devi')
  const newer = join(directory, 'newer.json')
  writeFileSync(newer, JSON.stringify({ schema: 'intremap/report', schemaVersion: '2.0.0', devices: [] }))
  for (const [file, words] of [
    [cut, 'cut or changed'],
    [newer, 'version 2.0.0'],
  ] as const) {
    const run = await intremapHere(['diff', file, bundle])
    expect(run.exitCode).toBe(65)
    expect(run.stderr).toContain(words)
  }
})
