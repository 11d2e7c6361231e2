import type { ArgumentSpec, CommandSpec, FlagSpec } from '../cli/command-spec.js'
import { EXIT_CODES } from '../cli/exit-codes.js'
import { example, macro, paragraph, roffText } from './roff.js'

/** A page of the manual, section 1. */
export interface ManPage {
  /** Name of the file: `intremap-probe.1`. */
  readonly name: string
  readonly text: string
}

interface Program {
  readonly version: string
  /** What it is for, one sentence. */
  readonly summary: string
}

const NAME = 'intremap'
const GROUPS = ['SELECTION', 'JUDGEMENT', 'OUTPUT', 'INPUT'] as const

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['NO_COLOR', 'Not empty: no colours, unless --color says otherwise.'],
  ['FORCE_COLOR', 'Not empty and not 0: colours also where the output is no terminal.'],
  ['DEBUG', 'Not empty: errors show where in the program they came from.'],
]

const bold = (text: string) => `\\fB${roffText(text)}\\fR`
const italic = (text: string) => `\\fI${roffText(text)}\\fR`

function heading(page: string, { version }: Program): readonly string[] {
  // No date: the same sources give the same bytes.
  return [
    '.\\" Made from the commands of the program.',
    macro('TH', page.toUpperCase(), '1', '', `${NAME} ${version}`, 'User Commands'),
    '.nh',
    '.ad l',
  ]
}

function argumentWords(name: string, { required, multiple }: ArgumentSpec): string {
  const word = `${italic(name.toUpperCase())}${multiple ? '\\ .\\|.\\|.' : ''}`
  return required ? word : `[${word}]`
}

function flagForms(name: string, spec: FlagSpec): string {
  const value = spec.kind === 'boolean' ? '' : `=${italic(spec.value ?? 'WORD')}`
  const short = spec.char === undefined ? '' : `${bold(`-${spec.char}`)}${value.replace('=', ' ')}, `
  return `${short}${bold(`--${name}`)}${value}`
}

function flagEntry(name: string, spec: FlagSpec): readonly string[] {
  const choices =
    spec.kind === 'choice'
      ? [
          // Where the value has a name of its own, the summary tells what there is.
          ...(spec.value === undefined ? [`One of ${spec.options.map(bold).join(', ')}.`] : []),
          ...(spec.default === undefined ? [] : [`Without it: ${bold(spec.default)}.`]),
        ]
      : []
  return ['.TP', flagForms(name, spec), ...paragraph(spec.summary), ...choices]
}

function options({ flags }: CommandSpec): readonly string[] {
  const all = Object.entries(flags)
  if (all.length === 0) return []
  const sections = GROUPS.flatMap((group) => {
    const own = all.filter(([, spec]) => spec.group === group)
    if (own.length === 0) return []
    const title = `${group[0] ?? ''}${group.slice(1).toLowerCase()}`
    return [macro('SS', title), ...own.flatMap(([name, spec]) => flagEntry(name, spec))]
  })
  return ['.SH OPTIONS', ...sections]
}

function exitStatus(): readonly string[] {
  return [
    '.SH EXIT STATUS',
    ...EXIT_CODES.flatMap(([code, meaning]) => ['.TP', bold(String(code)), roffText(`${meaning}.`)]),
  ]
}

function seeAlso(pages: readonly string[]): readonly string[] {
  const last = pages.length - 1
  return ['.SH SEE ALSO', ...pages.map((page, index) => macro('BR', roffText(page), index < last ? '(1),' : '(1)'))]
}

function commandPage(command: CommandSpec, program: Program): ManPage {
  const page = `${NAME}-${command.id}`
  const args = Object.entries(command.args)
  const text = [
    ...heading(page, program),
    '.SH NAME',
    `${roffText(page)} \\- ${roffText(command.summary.replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    [
      bold(`${NAME} ${command.id}`),
      ...args.map(([name, spec]) => argumentWords(name, spec)),
      ...(Object.keys(command.flags).length === 0 ? [] : [`[${italic('option')}\\ .\\|.\\|.]`]),
    ].join(' '),
    ...(command.description === undefined ? [] : ['.SH DESCRIPTION', ...paragraph(command.description)]),
    ...(args.length === 0 ? [] : ['.SH ARGUMENTS']),
    ...args.flatMap(([name, { description, options: choices }]) => [
      '.TP',
      italic(name.toUpperCase()),
      ...paragraph(description),
      ...(choices ? [`One of ${choices.map(bold).join(', ')}.`] : []),
    ]),
    ...options(command),
    ...exitStatus(),
    '.SH EXAMPLES',
    ...example(command.examples),
    ...seeAlso([NAME]),
  ]
  return { name: `${page}.1`, text: `${text.join('\n')}\n` }
}

function programPage(commands: readonly CommandSpec[], program: Program): ManPage {
  const text = [
    ...heading(NAME, program),
    '.SH NAME',
    `${NAME} \\- ${roffText(program.summary.replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    `${bold(NAME)} ${italic('command')} [${italic('word')}\\ .\\|.\\|.]`,
    '.SH DESCRIPTION',
    ...paragraph(
      "If software that may be hostile is given a PCI device, can it raise only that device's interrupts, or everybody's? " +
        'The verdict is what is true of the hardware as it is described and observed. ' +
        "The kernel's answer is what VFIO and iommufd of this release would say, which may be something else. " +
        'It reads only: nothing is bound, loaded, opened or changed.',
    ),
    '.SH COMMANDS',
    ...commands.flatMap(({ id, summary }) => ['.TP', macro('BR', roffText(`${NAME}-${id}`), '(1)'), roffText(summary)]),
    ...exitStatus(),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([name, meaning]) => ['.TP', bold(name), ...paragraph(meaning)]),
    '.SH EXAMPLES',
    ...example(commands.flatMap(({ examples }) => examples.slice(0, 1))),
    ...seeAlso(commands.map(({ id }) => `${NAME}-${id}`)),
  ]
  return { name: `${NAME}.1`, text: `${text.join('\n')}\n` }
}

/** The manual: a page of the program, and one for each command. */
export function manPages(commands: readonly CommandSpec[], program: Program): readonly ManPage[] {
  return [programPage(commands, program), ...commands.map((command) => commandPage(command, program))]
}
