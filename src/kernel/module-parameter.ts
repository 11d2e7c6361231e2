import type { Provenance, UnreadableFact } from '../machine/fact.js'
import type { Answer } from '../machine/kinds.js'
import type { Machine } from '../machine/machine.js'
import { commandLineValues } from './context.js'

/** K: lib/kstrtox.c, kstrtobool; a module parameter without a value is on (K: kernel/params.c, param_set_bool). */
export const isOn = (value: string): boolean => value === '' || /^(y|1|t|on)/i.test(value)

/** Who gives a module parameter its value; `default`: nobody does. */
export type ParameterSetting =
  | {
      readonly source: 'loaded' | 'command-line' | 'modprobe'
      readonly value: string
      readonly from: readonly Provenance[]
    }
  | { readonly source: 'default' }
  | { readonly source: 'unreadable'; readonly facts: readonly UnreadableFact[] }

/**
 * The value of `module.parameter`: that of the loaded module; for one that is not loaded, the last one on the command
 * line, which modprobe passes on behind those of modprobe.d so that it wins, else the last one there.
 * Source: modprobe(8), Module options on the kernel command line; K: kernel/params.c, parse_args, takes each in order.
 */
export function moduleParameter(machine: Machine, parameter: string): ParameterSetting {
  const { parameters, commandLine, modprobeOptions } = machine.kernel
  const loaded = parameters.get(parameter)?.value
  if (loaded?.state === 'known') return { source: 'loaded', value: loaded.value, from: loaded.from }
  const unread = [loaded, commandLine].filter((fact): fact is UnreadableFact => fact?.state === 'unreadable')
  if (unread.length > 0) return { source: 'unreadable', facts: unread }
  const last = commandLineValues(machine, parameter).at(-1)
  if (last !== undefined) return { source: 'command-line', value: last, from: commandLine.from }
  if (modprobeOptions.state === 'unreadable') return { source: 'unreadable', facts: [modprobeOptions] }
  const configured = modprobeOptions.state === 'known' ? modprobeOptions.value.get(parameter) : undefined
  return configured === undefined
    ? { source: 'default' }
    : { source: 'modprobe', value: configured, from: modprobeOptions.from }
}

/** Whether a switch is on that nobody sets by default, as it is or as it will be once its module is loaded. */
export function isSwitchedOn(machine: Machine, parameter: string): Answer {
  const setting = moduleParameter(machine, parameter)
  switch (setting.source) {
    case 'default':
      return 'no'
    case 'unreadable':
      return 'unknown'
    case 'loaded':
    case 'command-line':
    case 'modprobe':
      return isOn(setting.value) ? 'yes' : 'no'
  }
}
