import { describe, expect, it, test } from 'vitest'
import { machineKinds } from '../../../src/report/machine-kinds.js'
import { buildReport } from '../../../src/report/probe/build.js'
import { rules } from '../../../src/rules/registry.js'
import { remediesFor, remedyFor } from '../../../src/rules/remedy.js'
import type { MachineKind, OutcomeItem, Rule } from '../../../src/rules/rule.js'
import { machineNamed, machineNames, MACHINES_FROM } from '../../support/whole-machines.js'

const item = (changes: Partial<OutcomeItem> = {}): OutcomeItem => ({
  subject: 's',
  devices: [],
  details: {},
  message: 'm',
  evidence: [],
  ...changes,
})
const kinds = (...names: readonly MachineKind[]) => new Set(names)

describe('of several remedies', () => {
  const [base] = rules
  const rule: Rule | undefined = base && {
    ...base,
    remedy: [
      { actor: 'hardware', faults: ['firmware'], machines: ['guest'], text: 'Ask the hypervisor.' },
      { actor: 'firmware', messages: ['special'], text: 'Only for special.' },
      { actor: 'firmware', text: 'Change the table.' },
      { actor: 'configuration', text: 'Change the word.' },
    ],
  }
  if (!rule) throw new Error('there is no rule')
  const fail = (changes: Partial<OutcomeItem> = {}) => ({ rule, kind: 'fail', item: item(changes) }) as const

  it('takes the one whose fault it is', () => {
    expect(remedyFor(fail({ actor: 'configuration' }), kinds())?.text).toBe('Change the word.')
    expect(remedyFor(fail({ actor: 'firmware' }), kinds('x86'))?.text).toBe('Change the table.')
  })
  it('takes the one for the message before the one for all', () => {
    expect(remedyFor(fail({ actor: 'firmware', message: 'special' }), kinds())?.text).toBe('Only for special.')
  })
  it('in a guest asks whom the guest depends on', () => {
    expect(remedyFor(fail({ actor: 'firmware' }), kinds('guest', 'x86'))).toMatchObject({
      actor: 'hardware',
      text: 'Ask the hypervisor.',
    })
  })
  it('of what could not be known asks for it to be read, unless a remedy is for that message', () => {
    const unknown = (message: string) => ({ rule, kind: 'unknown', item: item({ message }) }) as const
    expect(remedyFor(unknown('m'), kinds())?.text).toMatch(/^Let intremap read what this needs: as root/)
    expect(remedyFor(unknown('special'), kinds())?.text).toBe('Only for special.')
  })
  it('takes the first that fits where nobody is named', () => {
    expect(remedyFor(fail(), kinds())?.text).toBe('Change the table.')
    expect(remediesFor(fail(), kinds())).toHaveLength(2)
  })
})

test('the platform says what kind of machine it is', () => {
  const platform = {
    architecture: 'arm64',
    firmware: 'acpi',
    kernelRelease: '6.12',
    kernelReleaseObserved: '6.12',
    gateRule: 'per-device',
    gateRelease: '6.12',
    virtualized: 'no',
  } as const
  expect([...machineKinds(platform)]).toEqual(['arm-acpi'])
  expect([...machineKinds({ ...platform, firmware: 'devicetree' })]).toEqual(['devicetree'])
  expect([...machineKinds({ ...platform, architecture: 'x86_64', virtualized: 'yes' })]).toEqual(['guest', 'x86'])
  expect([...machineKinds({ ...platform, architecture: 'unknown', firmware: 'none' })]).toEqual([])
})

test('a rule that has remedies for some machines or messages has one for the others', () => {
  const missing = rules.flatMap((rule) => {
    const everywhere = rule.remedy.filter(({ machines, messages }) => !machines && !messages).map(({ actor }) => actor)
    const faults = new Set(
      rule.remedy.filter(({ machines }) => machines).flatMap(({ actor, faults = [actor] }) => faults),
    )
    return [...faults].filter((fault) => !everywhere.includes(fault)).map((fault) => `${rule.id} ${fault}`)
  })
  expect(missing).toEqual([])
})

test('a remedy is for messages that the rule has', () => {
  const strangers = rules.flatMap(({ id, remedy, messages }) =>
    remedy
      .flatMap((one) => one.messages ?? [])
      .filter((key) => !(key in messages))
      .map((key) => `${id} ${key}`),
  )
  expect(strangers).toEqual([])
})

test('no text expands an acronym by hand: outputs do that at the first use', () => {
  const byHand = rules.flatMap(({ id, title, checks, why, limits, remedy, messages }) =>
    [title, checks, why, limits, ...remedy.map(({ text }) => text), ...Object.values(messages)]
      .filter((text) => /\b[A-Z][A-Za-z-]*[A-Z]\w* \([a-z/ -]{12,}\)/.test(text))
      .map((text) => `${id}: ${text}`),
  )
  expect(byHand).toEqual([])
})

describe.each(machineNames)(`%s (${MACHINES_FROM})`, (name) => {
  it('hears only of what its kind has', async () => {
    const machine = await machineNamed(name)
    if (!machine) throw new Error(`${name} is gone`)
    const { platform, findings } = buildReport(machine)
    const foreign =
      platform.architecture === 'x86_64'
        ? /\b(IORT|ITS|SMMU|msi-map|iommu-map|device tree)\b/
        : platform.firmware === 'devicetree'
          ? /\b(VT-d|AMD-Vi|DMAR|IVRS|intel_iommu|MADT)\b/
          : /\b(VT-d|AMD-Vi|DMAR|IVRS|intel_iommu)\b/
    const told = findings.filter(({ severity }) => severity !== 'info')
    expect(told.filter(({ remedy }) => foreign.test(remedy)).map(({ rule, remedy }) => `${rule}: ${remedy}`)).toEqual(
      [],
    )
  })
})
