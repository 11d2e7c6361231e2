import { describe, expect, it } from 'vitest'
import { isSwitchedOn, moduleParameter } from '../../../src/kernel/module-parameter.js'
import { known, unreadable } from '../../../src/machine/fact.js'
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

it('a parameter of a module that is not loaded is unknown where modprobe.d cannot be read, unless the command line says it', () => {
  const machine = probeMachine(sysrootOf({ machine: arm() }))
  const modprobeOptions = unreadable('permission', { path: 'etc/modprobe.d' })
  const withWords = (words: readonly string[]) => ({
    ...machine,
    kernel: { ...machine.kernel, parameters: new Map(), commandLine: known(words), modprobeOptions },
  })
  expect(moduleParameter(withWords([]), NAME)).toEqual({ source: 'unreadable', facts: [modprobeOptions] })
  expect(isSwitchedOn(withWords([]), NAME)).toBe('unknown')
  expect(isSwitchedOn(withWords([`${NAME}=0`]), NAME)).toBe('no')
})
