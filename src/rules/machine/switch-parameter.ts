import { isOn, moduleParameter } from '../../kernel/module-parameter.js'
import type { Machine } from '../../machine/machine.js'
import { evidenceFrom, evidenceOf } from '../evidence.js'
import type { Evidence } from '../rule.js'

/** A boolean module parameter: of the loaded module, or as it will be when the module is loaded. */
export interface SwitchState {
  readonly state: 'on' | 'off' | 'will-be-on' | 'unreadable'
  readonly evidence: readonly Evidence[]
}

/** State of `module.parameter`: its file, else the command line, else modprobe.d. */
export function switchState(machine: Machine, parameter: string): SwitchState {
  const setting = moduleParameter(machine, parameter)
  switch (setting.source) {
    case 'default':
      return { state: 'off', evidence: [] }
    case 'unreadable':
      return { state: 'unreadable', evidence: setting.facts.flatMap((fact) => evidenceOf(fact)) }
    case 'loaded':
      return { state: isOn(setting.value) ? 'on' : 'off', evidence: evidenceFrom(setting.from) }
    case 'command-line':
    case 'modprobe':
      return isOn(setting.value)
        ? { state: 'will-be-on', evidence: evidenceFrom(setting.from, `${parameter}=${setting.value}`) }
        : { state: 'off', evidence: [] }
  }
}
