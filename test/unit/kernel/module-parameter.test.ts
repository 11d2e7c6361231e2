import { describe, expect, it } from 'vitest'
import { isSwitchedOn, moduleParameter } from '../../../src/kernel/module-parameter.js'
import { absent, known, unreadable, type Fact } from '../../../src/machine/fact.js'
import type { Machine } from '../../../src/machine/machine.js'
import { probeMachine } from '../../../src/probes/machine.js'
import type { MachineDescription } from '../../../src/emulator/machine-description.js'
import { arm, judged, sysrootOf, tree, type TestCase } from '../rules/metal.js'
import { v2m } from '../rules/vector.js'

const NAME = 'vfio_iommu_type1.allow_unsafe_interrupts'

/** What VFIO type1 says of a card behind a GICv2m frame: the override alone decides. */
function gateWith(kernel: Partial<MachineDescription['kernel']>) {
  const rootComplexes = tree().rootComplexes.map((complex) => ({ ...complex, msi: 'v2m' }))
  const edit: TestCase['edit'] = (files) => {
    if (kernel.parameters) return
    for (const path of files.keys()) if (path.startsWith('sys/module/vfio_iommu_type1')) files.delete(path)
  }
  const { report } = judged({ machine: arm({ msiControllers: [v2m], rootComplexes, kernel }), edit })
  const card = report.devices.find(({ address }) => address === '0000:01:00.0')
  const finding = report.findings.find(({ rule, subject }) => rule === 'IR001' && subject === NAME)
  return [card?.kernel.vfioType1.outcome, finding !== undefined]
}

/**
 * K: kernel/params.c: parse_args takes every occurrence in order, param_set_bool takes a bare name as true. modprobe
 * passes on what the command line says behind what modprobe.d says (kmod, libkmod-config.c: the command line is parsed
 * last), so the command line wins.
 */
describe('allow_unsafe_interrupts of a module that is not loaded', () => {
  const ON = ['accepts-by-override', true]
  const OFF = ['refuses', false]
  it.each([
    ['nothing', {}, OFF],
    ['=1', { commandLine: `${NAME}=1` }, ON],
    ['a bare name', { commandLine: `quiet ${NAME}` }, ON],
    ['the last of two', { commandLine: `${NAME}=1 ${NAME}=0` }, OFF],
    ['the last of two', { commandLine: `${NAME}=0 ${NAME}=Y` }, ON],
    ['quotes', { commandLine: `"${NAME}=1"` }, ON],
    ['dashes', { commandLine: 'vfio-iommu-type1.allow-unsafe-interrupts=1' }, ON],
    ['modprobe.d', { modprobe: { 'a.conf': 'options vfio_iommu_type1 allow_unsafe_interrupts=1\n' } }, ON],
    ['a comment', { modprobe: { 'a.conf': '#options vfio_iommu_type1 allow_unsafe_interrupts=1\n' } }, OFF],
    ['a continued line', { modprobe: { 'a.conf': 'options vfio_iommu_type1 \\\nallow_unsafe_interrupts=1\n' } }, ON],
    [
      'the command line over modprobe.d',
      { commandLine: `${NAME}=0`, modprobe: { 'a.conf': 'options vfio_iommu_type1 allow_unsafe_interrupts=1\n' } },
      OFF,
    ],
    [
      'the command line over modprobe.d',
      { commandLine: `${NAME}=1`, modprobe: { 'a.conf': 'options vfio_iommu_type1 allow_unsafe_interrupts=0\n' } },
      ON,
    ],
    ['the loaded module over both', { commandLine: `${NAME}=1`, parameters: { [NAME]: 'N' } }, OFF],
  ] as const)('%s: %j', (_, kernel, expected) => expect(gateWith(kernel)).toEqual(expected))
})

describe('what cannot be read of a parameter', () => {
  const machine = probeMachine(sysrootOf({ machine: arm() }))
  const closed = unreadable('permission', { path: 'etc/modprobe.d' })
  const of = (kernel: Partial<Machine['kernel']>) => {
    const nothing = { parameters: new Map(), commandLine: known([]), modprobeOptions: absent() }
    const at = { ...machine, kernel: { ...machine.kernel, ...nothing, ...kernel } }
    return [moduleParameter(at, NAME), isSwitchedOn(at, NAME)]
  }
  const words = (word: string) => known([`${NAME}=${word}`])
  const loaded = (value: Fact<string>) => new Map([[NAME, { module: 'vfio_iommu_type1', name: NAME, value }]])
  it.each<[string, Partial<Machine['kernel']>, object, string]>([
    ['nothing', { modprobeOptions: known(new Map()) }, { source: 'default' }, 'no'],
    ['what is loaded', { parameters: loaded(known('Y')) }, { source: 'loaded', value: 'Y' }, 'yes'],
    ['modprobe.d', { modprobeOptions: closed }, { source: 'unreadable', facts: [closed] }, 'unknown'],
    [
      'modprobe.d, but not the command line',
      { commandLine: words('0'), modprobeOptions: closed },
      { value: '0' },
      'no',
    ],
    ['the command line', { commandLine: closed }, { source: 'unreadable', facts: [closed] }, 'unknown'],
    [
      'what is loaded, whatever the command line says',
      { parameters: loaded(closed), commandLine: words('0') },
      { source: 'unreadable', facts: [closed] },
      'unknown',
    ],
  ])('%s', (_, kernel, setting, answer) => {
    expect(of(kernel)).toMatchObject([setting, answer])
  })
})
