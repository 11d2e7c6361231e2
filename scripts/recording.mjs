// Writes docs/recording.svg: a terminal, with what the program really prints about a machine that comes with it. With `-` it
// goes to standard output, for the test that holds that the file is current.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const COLUMNS = 80
const MACHINE = 'arm-v3its-topo-acpi-612'
const SCENES = [
  ['probe', '--emulated', MACHINE],
  ['check', '01:00.0', '--assignable', '--emulated', MACHINE],
  ['explain', '03:01.0', '--emulated', MACHINE],
  ['topology', '--emulated', MACHINE],
]
/** Seconds that a scene stands. */
const SECONDS = 8
const [CHARACTER, LINE, MARGIN, SIZE] = [7.83, 17, 14, 13]
/** Lines that are shown of what is longer. */
const MOST_LINES = 34
const CLASSES = new Map([
  [1, 'b'],
  [2, 'd'],
  [31, 'r'],
  [32, 'g'],
  [33, 'y'],
])

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** A line with colours of a terminal (SGR) as pieces of text with classes. */
function coloured(line) {
  const on = new Set()
  let out = ''
  for (const [, codes, text] of `\u001b[0m${line}`.matchAll(/\u001b\[([\d;]*)m([^\u001b]*)/g)) {
    for (const code of codes.split(';').map(Number)) {
      if (code === 0) on.clear()
      else if (code === 22) for (const name of ['b', 'd']) on.delete(name)
      else if (code === 39) for (const name of ['r', 'g', 'y']) on.delete(name)
      const name = CLASSES.get(code)
      if (name !== undefined) on.add(name)
    }
    if (text === '') continue
    out += on.size > 0 ? `<tspan class="${[...on].join(' ')}">${escaped(text)}</tspan>` : escaped(text)
  }
  return out
}

function linesOf(words) {
  const { stdout, status } = spawnSync(process.execPath, ['bin/run.js', ...words, '--color', 'always'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, COLUMNS: String(COLUMNS) },
  })
  if (status === null || status > 3) throw new Error(`intremap ${words.join(' ')} ended with ${status}`)
  const lines = stdout.trimEnd().split('\n')
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), '…'] : lines
}

const scenes = SCENES.map((words) => [`\u001b[1m$\u001b[22m intremap ${words.join(' ')}`, ...linesOf(words)])
const width = Math.round(COLUMNS * CHARACTER + 2 * MARGIN)
const height = Math.max(...scenes.map((lines) => lines.length)) * LINE + 2 * MARGIN
const share = 100 / scenes.length
const drawn = scenes.map((lines, scene) => {
  const texts = lines.map((line, row) => {
    const y = MARGIN + row * LINE + SIZE
    return `<text x="${MARGIN}" y="${y}" xml:space="preserve">${coloured(line)}</text>`
  })
  return `<g class="s" style="animation-delay:${scene * SECONDS}s">\n${texts.join('\n')}\n</g>`
})
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="intremap in a terminal: probe, check, explain and topology of a machine">
<style>
rect{fill:#fdfdfb}text{font:${SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1b1b1b}
.b{font-weight:bold}.d{fill:#6a6a6a}.r{fill:#a3161a}.g{fill:#14643c}.y{fill:#5f5a00}
@media (prefers-color-scheme:dark){rect{fill:#161614}text{fill:#f0f0ec}.d{fill:#9a9a94}.r{fill:#ff8078}.g{fill:#78dca0}.y{fill:#e6dc6e}}
.s{visibility:hidden;animation:s ${scenes.length * SECONDS}s step-end infinite}
@keyframes s{0%{visibility:visible}${share}%{visibility:hidden}100%{visibility:hidden}}
@media (prefers-reduced-motion:reduce){.s{animation:none}.s:first-of-type{visibility:visible}}
</style>
<rect width="100%" height="100%" rx="6"/>
${drawn.join('\n')}
</svg>
`
if (process.argv[2] === '-') process.stdout.write(svg)
else {
  writeFileSync(new URL('../docs/recording.svg', import.meta.url), svg)
  console.log(`${scenes.length} scenes in docs/recording.svg`)
}
