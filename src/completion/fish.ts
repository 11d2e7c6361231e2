import type { CommandSpec, FlagSpec } from '../cli/command-spec.js'
import { headline, offeredForArgument, offeredForFlag, type KnownWords, type Offered } from './offers.js'

const LOOKUPS = `function __intremap_functions
    for name in (path basename /sys/bus/pci/devices/* 2>/dev/null)
        echo $name
        string replace -r '^0000:' '' -- $name
    end
end
function __intremap_groups
    path basename /sys/kernel/iommu_groups/* 2>/dev/null
end`

const LISTS = { functions: '(__intremap_functions)', groups: '(__intremap_groups)' } as const

/** In single quotes. */
const quoted = (text: string) => `'${text.replaceAll(/['\\]/g, (character) => `\\${character}`)}'`

/** Options of `complete` for what is offered. */
function offer({ words, looks }: Offered): string {
  const lists = looks.flatMap((look) => (look === 'functions' || look === 'groups' ? [LISTS[look]] : []))
  const all = [...words, ...lists]
  const offers = all.length > 0 ? [`-a ${quoted(all.join(' '))}`] : []
  if (looks.includes('files')) offers.push('-F')
  if (looks.includes('directories')) offers.push(`-a '(__fish_complete_directories)'`)
  return offers.join(' ')
}

function flagLine(command: string, name: string, spec: FlagSpec, known: KnownWords): string {
  const offered = offeredForFlag(spec, known)
  const short = spec.char === undefined ? '' : ` -s ${spec.char}`
  const value = offered ? ` ${['-r', offer(offered)].join(' ').trim()}` : ''
  return `complete -c intremap -n '__fish_seen_subcommand_from ${command}' -l ${name}${short}${value} -d ${quoted(spec.summary)}`
}

function linesOf(command: CommandSpec, known: KnownWords): readonly string[] {
  const args = Object.values(command.args).flatMap((spec) => {
    const words = offer(offeredForArgument(spec, known))
    return words === '' ? [] : [`complete -c intremap -n '__fish_seen_subcommand_from ${command.id}' ${words}`]
  })
  return [
    `complete -c intremap -n __fish_use_subcommand -a ${command.id} -d ${quoted(command.summary)}`,
    ...Object.entries(command.flags).map(([name, spec]) => flagLine(command.id, name, spec, known)),
    ...args,
  ]
}

/** A script for the completions directory of fish 3.5 and later, or to be sourced. */
export function fishCompletion(commands: readonly CommandSpec[], known: KnownWords): string {
  const ids = commands.map(({ id }) => id).join(' ')
  return `${headline('fish')}
${LOOKUPS}
complete -c intremap -f
complete -c intremap -n __fish_use_subcommand -l help -d 'Show help.'
complete -c intremap -n __fish_use_subcommand -l version -d 'Show the version.'
complete -c intremap -n __fish_use_subcommand -a help -d 'Show help of a command.'
complete -c intremap -n '__fish_seen_subcommand_from help' -a '${ids}'
${commands.flatMap((command) => linesOf(command, known)).join('\n')}
`
}
