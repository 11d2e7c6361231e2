import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { startsHere } from '../support/outside.js'
import { intremap, PACKAGE_ROOT } from './run-intremap.js'
import { temporaryDirectory } from '../support/temporary-directories.js'

const SHELLS = ['bash', 'zsh', 'fish'] as const
const has = Object.fromEntries(SHELLS.map((shell) => [shell, startsHere(shell, ['-c', 'true'])]))
for (const shell of SHELLS)
  if (has[shell] !== true) console.log(`completion: ${shell} is not here, so that it was not tried`)

const directory = temporaryDirectory()
const scripts: Record<string, string> = {}
beforeAll(async () => {
  for (const shell of SHELLS) {
    const { exitCode, stdout, stderr } = await intremap(['completion', shell])
    expect([exitCode, stderr]).toEqual([0, ''])
    scripts[shell] = join(directory, shell === 'zsh' ? '_intremap' : `intremap.${shell}`)
    writeFileSync(scripts[shell], stdout)
  }
  writeFileSync(join(directory, 'a file with blanks'), '')
})

function run(program: string, words: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(program, words, { cwd: directory, encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  return stdout
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '')

/** What bash would offer for a line: its function is called as readline calls it. */
function bashOffers(line: string, before = ''): readonly string[] {
  const call = `${before} source "$1"; COMP_LINE=$2 COMP_POINT=\${#2}; _intremap; printf '%s\\n' "\${COMPREPLY[@]}"`
  return lines(run('bash', ['--norc', '-c', call, 'bash', scripts['bash'] ?? '', line]))
}

/** The words that fish offers, without what it says of them. */
function fishOffers(line: string): readonly string[] {
  const call = 'source $argv[1]; complete -C $argv[2]'
  return lines(run('fish', ['--no-config', '-c', call, scripts['fish'] ?? '', line])).map(
    (found) => found.split('\t')[0] ?? '',
  )
}

const COMMANDS = [
  'capture',
  'check',
  'completion',
  'decode',
  'emulate',
  'explain',
  'lint',
  'probe',
  'rules',
  'schema',
  'selftest',
]

test('the script of a shell that is none of them is refused with those that are', async () => {
  const { exitCode, stderr } = await intremap(['completion', 'csh'])
  expect(exitCode).toBe(64)
  expect(stderr).toContain('bash, zsh, fish')
  expect((await intremap(['completion'])).exitCode).toBe(64)
})

describe.skipIf(has['bash'] !== true)('bash', () => {
  test('is offered commands, flags, values, machines, rules and files', () => {
    expect(bashOffers('intremap ')).toEqual(expect.arrayContaining([...COMMANDS, 'help', '--version']))
    expect(bashOffers('intremap pro')).toEqual(['probe'])
    expect(bashOffers('intremap probe --col')).toEqual(['--color'])
    expect(bashOffers('intremap probe --color a')).toEqual(['auto', 'always'])
    expect(bashOffers('intremap probe --color=n')).toEqual(['never'])
    expect(bashOffers('intremap lint --fail-on cr')).toEqual(['critical'])
    expect(bashOffers('intremap probe --json --emulated rk3588')).toEqual(['rk3588-rock-5b'])
    expect(bashOffers('intremap selftest a b rk3588')).toEqual(['rk3588-rock-5b'])
    expect(bashOffers('intremap explain IR101')).toEqual(['IR101'])
    expect(bashOffers('intremap explain 01:00.0 IR101')).toEqual([])
    expect(bashOffers('intremap help exp')).toEqual(['explain'])
    expect(bashOffers('intremap completion z')).toEqual(['zsh'])
    expect(bashOffers('intremap probe a')).toEqual(['a file with blanks'])
    expect(bashOffers('intremap capture -o a')).toEqual(['a file with blanks'])
    expect(bashOffers('intremap rules ')).toEqual([])
  })

  test('keeps what readline has before a colon, and the flag where = breaks no words', () => {
    const functions = '_intremap_functions() { printf "%s\\n" 0000:01:00.0 01:00.0 0001:02:00.0; };'
    const call = (line: string) =>
      lines(
        run('bash', [
          '--norc',
          '-c',
          `source "$1"; ${functions} COMP_LINE=$2 COMP_POINT=\${#2}; _intremap; printf '%s\\n' "\${COMPREPLY[@]}"`,
          'bash',
          scripts['bash'] ?? '',
          line,
        ]),
      )
    expect(call('intremap check 0000:0')).toEqual(['01:00.0'])
    expect(call('intremap check 0')).toEqual(['0000:01:00.0', '01:00.0', '0001:02:00.0'])
    expect(call('intremap probe --device 0001:02')).toEqual(['02:00.0'])
    expect(bashOffers('intremap probe --color=n', 'COMP_WORDBREAKS=" ";')).toEqual(['--color=never'])
  })
})

describe.skipIf(has['fish'] !== true)('fish', () => {
  test('is offered the same', () => {
    expect(fishOffers('intremap ')).toEqual(expect.arrayContaining([...COMMANDS, 'help']))
    expect(fishOffers('intremap probe --colo')).toEqual(['--color'])
    expect(fishOffers('intremap probe --color n')).toEqual(['never'])
    expect(fishOffers('intremap probe --emulated rk3588')).toEqual(['rk3588-rock-5b'])
    expect(fishOffers('intremap explain IR101')).toEqual(['IR101'])
    expect(fishOffers('intremap capture -o a')).toEqual(['a file with blanks'])
    expect(fishOffers('intremap completion z')).toEqual(['zsh'])
    expect(fishOffers('intremap help exp')).toEqual(['explain'])
  })
})

/** Types a line and a tab into a zsh of its own, and gives back what then stands in the line. */
const ZSH = `
zmodload zsh/zpty
zpty z zsh -f -i
expect() { local out= more; integer tries=0; while (( tries++ < 200 )); do
  while zpty -r -t z more; do out+=$more; done; [[ $out == *$1* ]] && return 0; sleep 0.05; done; return 1 }
zpty -w z 'PS1=; autoload -Uz compinit; compinit -u -D; source '$1'; bindkey "^I" complete-word; bindkey "^X" show
show() { print -r -- "<$BUFFER>" > '$2'; BUFFER= }; zle -N show; print rea""dy'
expect ready || exit 1
zpty -n -w z "$3"$'\\t\\x18'
integer tries=0; while (( tries++ < 200 )) && [[ ! -s $2 ]]; do sleep 0.05; done
zpty -d z
cat $2`

describe.skipIf(has['zsh'] !== true)('zsh', () => {
  test.each([
    ['intremap pro', 'intremap probe '],
    ['intremap probe --colo', 'intremap probe --color='],
    ['intremap probe --color=n', 'intremap probe --color=never '],
    ['intremap probe --emulated rk3588', 'intremap probe --emulated rk3588-rock-5b '],
    ['intremap explain IR101', 'intremap explain IR101 '],
    ['intremap completion z', 'intremap completion zsh '],
    ['intremap help exp', 'intremap help explain '],
  ])('completes %s', (typed, whole) => {
    const shown = join(temporaryDirectory(), 'line')
    expect(run('zsh', ['-f', '-c', ZSH, 'zsh', scripts['zsh'] ?? '', shown, typed])).toBe(`<${whole}>\n`)
  })
})

test('the package brings the scripts that the command prints', () => {
  const shipped = { bash: 'intremap', zsh: '_intremap', fish: 'intremap.fish' } as const
  for (const shell of SHELLS) {
    const file = join(PACKAGE_ROOT, 'dist/completions', shipped[shell])
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(scripts[shell] ?? '', 'utf8'))
  }
})
