import { commandLineValues } from '../kernel/context.js'
import { isOn } from '../kernel/module-parameter.js'
import type { Machine } from '../machine/machine.js'
import { evidenceFrom, evidenceOf } from './evidence.js'
import type { Evidence } from './rule.js'

/** A boolean module parameter: of the loaded module, or as it will be when the module is loaded. */
export interface SwitchState {
  readonly state: 'on' | 'off' | 'will-be-on' | 'unreadable'
  readonly evidence: readonly Evidence[]
}

/** State of `module.parameter`: its file, else the command line, else modprobe.d. */
export function switchState(machine: Machine, parameter: string): SwitchState {
  const { parameters, commandLine, modprobeOptions } = machine.kernel
  const loaded = parameters.get(parameter)?.value
  if (loaded?.state === 'known') return { state: isOn(loaded.value) ? 'on' : 'off', evidence: evidenceOf(loaded) }
  const last = commandLineValues(machine, parameter).at(-1)
  if (last !== undefined && isOn(last))
    return { state: 'will-be-on', evidence: evidenceFrom(commandLine.from, `${parameter}=${last}`) }
  const configured = modprobeOptions.state === 'known' ? modprobeOptions.value.get(parameter) : undefined
  if (last === undefined && configured !== undefined && isOn(configured))
    return { state: 'will-be-on', evidence: evidenceFrom(modprobeOptions.from, `${parameter}=${configured}`) }
  const unread = [loaded, commandLine, modprobeOptions].flatMap((fact) => (fact?.state === 'unreadable' ? [fact] : []))
  return unread.length > 0
    ? { state: 'unreadable', evidence: unread.flatMap((fact) => evidenceOf(fact)) }
    : { state: 'off', evidence: [] }
}
