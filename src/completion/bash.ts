import type { CommandSpec } from '../cli/command-spec.js'
import {
  flagsWithValue,
  flagWords,
  headline,
  offeredForArgument,
  offeredForFlag,
  type KnownWords,
  type Offered,
} from './offers.js'

const FUNCTIONS = `_intremap_functions() {
  local path name
  for path in /sys/bus/pci/devices/*; do
    name=\${path##*/}
    [[ $name == *[!0-9a-f:.]* ]] || printf '%s\\n' "$name" "\${name#0000:}"
  done
}
_intremap_groups() {
  local path
  for path in /sys/kernel/iommu_groups/*; do
    [[ \${path##*/} == *[!0-9]* ]] || printf '%s\\n' "\${path##*/}"
  done
}`

/** Everything but the lists: which word of which command is being written, and what of the offered begins like it. */
const BODY = `  local line=\${COMP_LINE:0:COMP_POINT} command='' flag='' before='' word index position=0
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  local current=\${words[\${#words[@]} - 1]} previous=\${words[\${#words[@]} - 2]}
  for ((index = 1; index < \${#words[@]} - 1; index++)); do
    word=\${words[index]}
    if [[ $word == -* ]]; then
      [[ " $valued " == *" $word "* ]] && ((index++))
    elif [[ -z $command ]]; then
      command=$word
    else
      ((position++))
    fi
  done
  if [[ $current == --*=* ]]; then
    flag=\${current%%=*} before=\${current%%=*}= current=\${current#*=}
  elif [[ " $valued " == *" $previous "* ]]; then
    flag=$previous
  fi`

const REPLY = `  COMPREPLY=()
  if [[ -n $offered ]]; then mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$current"); fi
  case $look in
    files) compopt -o filenames 2>/dev/null; mapfile -t -O \${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current") ;;
    directories) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
  esac
  # Bash replaces only what follows the last character that breaks words.
  if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
    COMPREPLY=("\${COMPREPLY[@]#"\${current%"\${current##*:}"}"}")
  elif [[ -n $before && $COMP_WORDBREAKS != *=* ]]; then
    COMPREPLY=("\${COMPREPLY[@]/#/$before}")
  fi`

/** The lines of one case: what is offered there. */
function branch(pattern: string, { words, looks }: Offered): string {
  const lists = looks.flatMap((look) =>
    look === 'functions' ? ['$(_intremap_functions)'] : look === 'groups' ? ['$(_intremap_groups)'] : [],
  )
  const offered = [...words, ...lists].join(' ')
  const look = looks.find((one) => one === 'files' || one === 'directories') ?? ''
  return `    ${pattern}) offered="${offered}" look='${look}' ;;`
}

function branchesOf(command: CommandSpec, known: KnownWords): readonly string[] {
  const flags = Object.entries(command.flags).flatMap(([name, spec]) => {
    const offered = offeredForFlag(spec, known)
    const patterns = flagWords(name, spec).map((word) => `'${command.id} ${word}'`)
    return offered ? [branch(patterns.join(' | '), offered)] : []
  })
  const args = Object.values(command.args).map((spec, index) => {
    const position = spec.multiple ? '*' : String(index)
    return branch(`'${command.id} '${position}`, offeredForArgument(spec, known))
  })
  const names = Object.entries(command.flags).flatMap(([name, spec]) => flagWords(name, spec))
  return [...flags, branch(`'${command.id} -'`, { words: [...names, '--help'], looks: [] }), ...args]
}

/** A script for bash 4 and later, to be sourced or put where bash-completion looks. */
export function bashCompletion(commands: readonly CommandSpec[], known: KnownWords): string {
  const valued = [...new Set(commands.flatMap(flagsWithValue))].join(' ')
  const ids = commands.map(({ id }) => id)
  return `${headline('bash')}
${FUNCTIONS}
_intremap() {
  local valued='${valued}' offered='' look=''
${BODY}
  # A flag whose value it is, a dash for a flag, or the number of the argument.
  local place=$position
  if [[ -n $flag ]]; then place=$flag; elif [[ $current == -* ]]; then place=-; fi
  case "$command $place" in
${branch("' '*", { words: [...ids, 'help', '--help', '--version'], looks: [] })}
${branch("'help '*", { words: ids, looks: [] })}
${commands.flatMap((command) => branchesOf(command, known)).join('\n')}
  esac
${REPLY}
}
complete -F _intremap intremap
`
}
