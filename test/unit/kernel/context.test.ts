import { describe, expect, it } from 'vitest'
import { commandLineValues, configured, viewOf, wordsThatSet } from '../../../src/kernel/context.js'
import { absent, known, unreadable, type Fact } from '../../../src/machine/fact.js'
import type { KernelFacts } from '../../../src/machine/kernel.js'
import type { Machine } from '../../../src/machine/machine.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { arm, sysrootOf } from '../rules/metal.js'

const BASE = probeMachine(sysrootOf({ machine: arm() }))
const having = (kernel: Partial<KernelFacts>) => ({ ...BASE, kernel: { ...BASE.kernel, ...kernel } })

describe('a machine as a release sees it', () => {
  const of = (observed: Fact<string>, asked?: string) => {
    const { release, observedRelease, hypothetical } = viewOf(having({ release: observed }), asked)
    return [release?.text, observedRelease?.text, hypothetical]
  }
  it.each<[string, Fact<string>, string | undefined, readonly (string | boolean | undefined)[]]>([
    ['its own', known('6.12.0'), undefined, ['6.12.0', '6.12.0', false]],
    ['its own, asked for', known('6.12.0'), '6.12.0', ['6.12.0', '6.12.0', false]],
    ['another', known('6.12.0'), '6.1.0', ['6.1.0', '6.12.0', true]],
    ['none', absent(), undefined, [undefined, undefined, false]],
    ['one asked for where it has none', unreadable('io'), '6.1.0', ['6.1.0', undefined, true]],
  ])('%s', (_, observed, asked, expected) => {
    expect(of(observed, asked)).toEqual(expected)
  })
})

// K: kernel/params.c, parameqn: a dash and an underscore are one character.
describe('the words of a command line', () => {
  const machine = having({ commandLine: known(['a-b=1', 'a_b=2=3', 'a_b', 'ab=4', 'xa-b=5']) })
  it.each(['a-b', 'a_b'])('that set %s', (name) => {
    expect(commandLineValues(machine, name)).toEqual(['1', '2=3', ''])
    expect(wordsThatSet(machine, name)).toEqual(['a-b=1', 'a_b=2=3', 'a_b'])
  })
  it('set nothing where they cannot be read', () => {
    const closed = having({ commandLine: unreadable('permission') })
    expect([commandLineValues(closed, 'a'), wordsThatSet(closed, 'a')]).toEqual([[], []])
  })
})

it('a log that was read in part shows hazards alone: what was not read cannot take them back', () => {
  const lines = ['ITS: No ITS available', 'something else']
  const pattern = /^ITS:/
  const shown = (machine: Machine) => {
    const { log, hazards } = viewOf(machine)
    return [hazards.of(pattern), log.of(pattern)]
  }
  const inPart = having({ log: unreadable('malformed'), logInPart: { lines, unread: 1, total: 3 } })
  expect(shown(inPart)).toEqual([lines.slice(0, 1), []])
  const whole = having({ log: known(lines) })
  expect(shown(whole)).toEqual([lines.slice(0, 1), lines.slice(0, 1)])
  const { logInPart: _, ...rest } = BASE.kernel
  const none = { ...BASE, kernel: { ...rest, log: absent() } }
  expect(shown(none)).toEqual([[], []])
})

it('an option is in the kernel or not where the configuration lists it, and else nobody knows', () => {
  const values = new Map([
    ['CONFIG_Y', 'y'],
    ['CONFIG_M', 'm'],
    ['CONFIG_N', 'n'],
  ])
  const listed = having({ configuration: known(values) })
  const names = ['CONFIG_Y', 'CONFIG_M', 'CONFIG_N', 'CONFIG_X']
  expect(names.map((name) => configured(listed, name))).toEqual(['yes', 'yes', 'no', 'unknown'])
  expect(configured(having({ configuration: absent() }), 'CONFIG_Y')).toBe('unknown')
})
