import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { COMMAND_LIST } from '../../src/commands/command-list.js'
import { manPages } from '../../src/manual/man-page.js'
import { startsHere } from '../support/outside.js'
import { PACKAGE_ROOT } from './run-intremap.js'

const DIRECTORY = join(PACKAGE_ROOT, 'dist/man')
const pages = readdirSync(DIRECTORY).sort()
const hasMan = startsHere('man', ['--version'])
const hasGroff = startsHere('groff', ['--version'])
if (!hasMan) console.log('manual: man is not here, so that no page was shown')
if (!hasGroff) console.log('manual: groff is not here, so that no page was checked')

test('there is a page of the program and of each command', () => {
  const names = ['intremap', ...COMMAND_LIST.map(({ id }) => `intremap-${id}`)].map((name) => `${name}.1`)
  expect(pages).toEqual(names.sort())
})

test('every flag, argument, option and example stands on the page', () => {
  for (const { id, flags, args, examples } of COMMAND_LIST) {
    const text = readFileSync(join(DIRECTORY, `intremap-${id}.1`), 'utf8').replaceAll('\\-', '-')
    for (const name of Object.keys(flags)) expect(text).toContain(`\\fB--${name}\\fR`)
    for (const name of Object.keys(args)) expect(text).toContain(`\\fI${name.toUpperCase()}\\fR`)
    for (const example of examples) expect(text).toContain(example.split(/["~]/)[0] ?? '')
  }
})

test('text of any kind is text: nothing in it is a macro', () => {
  const [, page] = manPages(
    [
      {
        id: 'x',
        summary: ".so /etc/passwd 'quoted' \\fBback\\fR \u2026",
        examples: ['.de x', '\\*[x] --flag'],
        flags: {},
        args: {},
        run: async () => await Promise.resolve(0),
      },
    ],
    { version: '1', summary: 'S.' },
  )
  expect(page?.text).toContain('\\&.de x')
  expect(page?.text).toContain('\\(rs*[x] \\-\\-flag')
  expect(page?.text).toContain('\\(aqquoted\\(aq \\(rsfBback\\(rsfR \\[u2026]')
})

describe.skipIf(!hasMan)('man', () => {
  test.each(pages)('shows %s without a warning', (page) => {
    const { status, stdout, stderr } = spawnSync('man', ['--warnings', '-l', join(DIRECTORY, page)], {
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', MANWIDTH: '80', MAN_KEEP_STDERR: '1' },
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain('SEE ALSO')
    expect(stdout.split('\n').filter((line) => line.length > 200)).toEqual([])
  })
})

describe.skipIf(!hasGroff)('groff', () => {
  test.each(pages)('finds nothing in the style of %s', (page) => {
    const { stdout, stderr } = spawnSync('groff', ['-man', '-ww', '-z', '-rCHECKSTYLE=3', join(DIRECTORY, page)], {
      encoding: 'utf8',
    })
    expect(stdout + stderr).toBe('')
  })
})
