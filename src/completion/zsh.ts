import type { ArgumentSpec, CommandSpec, FlagSpec } from '../cli/command-spec.js'
import { headline, offeredForArgument, offeredForFlag, type KnownWords, type Offered } from './offers.js'

const LOOKUPS = `_intremap_functions() {
  local -a names=(/sys/bus/pci/devices/*(N:t))
  compadd -- $names \${names#0000:}
}
_intremap_groups() { compadd -- /sys/kernel/iommu_groups/*(N:t) }`

const ACTIONS = {
  files: '_files',
  directories: '_files -/',
  functions: '_intremap_functions',
  groups: '_intremap_groups',
} as const

/** In single quotes. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
/** A text in a specification of _arguments or _describe, which end it with a colon or a bracket. */
const plain = (text: string) => text.replaceAll(/[\\:[\]]/g, (character) => `\\${character}`)

/** What is done for a word: _alternative tries several, each with a tag of its own. */
function action({ words, looks }: Offered): string {
  const list = words.length > 0 ? [`(${words.join(' ')})`] : []
  const all = [...list, ...looks.map((look) => ACTIONS[look])]
  if (all.length <= 1) return all[0] ?? ' '
  const tries = all.map((one, index) => `"tag${index}:word:${one}"`)
  return `{_alternative ${tries.join(' ')}}`
}

function flagSpecs(name: string, spec: FlagSpec, known: KnownWords): readonly string[] {
  const offered = offeredForFlag(spec, known)
  const repeated = spec.kind !== 'boolean' && spec.multiple ? '*' : ''
  const message = spec.kind === 'string' ? spec.value : name
  const value = offered ? `:${plain(message)}:${action(offered)}` : ''
  const forms = [`--${name}${offered ? '=' : ''}`, ...(spec.char === undefined ? [] : [`-${spec.char}`])]
  return forms.map((form) => quoted(`${repeated}${form}[${plain(spec.summary)}]${value}`))
}

function argumentSpec(name: string, spec: ArgumentSpec, index: number, known: KnownWords): string {
  const place = spec.multiple ? '*' : `${index + 1}`
  return quoted(`${place}:${spec.required ? '' : ':'}${plain(name)}:${action(offeredForArgument(spec, known))}`)
}

function branch(command: CommandSpec, known: KnownWords): string {
  const specs = [
    ...Object.entries(command.flags).flatMap(([name, spec]) => flagSpecs(name, spec, known)),
    ...Object.entries(command.args).map(([name, spec], index) => argumentSpec(name, spec, index, known)),
    quoted('(- *)--help[Show help.]'),
  ]
  return `        ${command.id})\n          _arguments ${specs.join(' \\\n            ')}\n          ;;`
}

/** A script for the function path of zsh (`_intremap`), or to be sourced after compinit. */
export function zshCompletion(commands: readonly CommandSpec[], known: KnownWords): string {
  const described = commands.map(({ id, summary }) => `    ${quoted(`${id}:${summary.replaceAll(':', '\\:')}`)}`)
  return `#compdef intremap
${headline('zsh')}
${LOOKUPS}
_intremap() {
  local curcontext=$curcontext state line
  local -a commands=(
${described.join('\n')}
    'help:Show help of a command.'
  )
  _arguments -C '(- *)--help[Show help.]' '(- *)--version[Show the version.]' '1:command:->command' '*::word:->word'
  case $state in
    command) _describe -t commands command commands ;;
    word)
      case $words[1] in
        help) _describe -t commands command commands ;;
${commands.map((command) => branch(command, known)).join('\n')}
      esac
      ;;
  esac
}
if [ "$funcstack[1]" = _intremap ]; then _intremap "$@"; else compdef _intremap intremap; fi
`
}
