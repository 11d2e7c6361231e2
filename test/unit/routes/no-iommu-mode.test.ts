import { describe, expect, it } from 'vitest'
import type { MachineDescription } from '../../../src/emulator/machine-description.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { analyse } from '../../../src/report/probe/build.js'
import { explainDevice } from '../../../src/report/explain/explain.js'
import { arm, card, IDLE, intel, judged, sysrootOf, text, type TestCase } from '../rules/metal.js'
import { smmu, vtd } from '../rules/vector.js'

const CARD = '0000:01:00.0'
const MODE = 'vfio.enable_unsafe_noiommu_mode'

const BUILT = { CONFIG_VFIO_NOIOMMU: 'y' }

const bare = (kernel: Partial<MachineDescription['kernel']>) =>
  intel({ kernel, iommus: [], rootComplexes: [{ functions: [card(1, {}, IDLE)] }] })
const device = (testCase: TestCase) => judged(testCase).report.devices.find(({ address }) => address === CARD)
const gates = (testCase: TestCase) => {
  const found = device(testCase)
  return [found?.kernel.vfioType1, found?.kernel.iommufd].map((gate) => `${gate?.outcome} ${gate?.errno}`)
}
const rules = (testCase: TestCase) => judged(testCase).report.findings.map(({ rule }) => rule)
const codes = (testCase: TestCase) => device(testCase)?.obstacles.map(({ code }) => code)

/** The module vfio is not loaded: what the command line says counts once it is. */
const notLoaded: TestCase['edit'] = (files) => {
  for (const path of [...files.keys()].filter((at) => /^sys\/module\/vfio(?:_\w+)?(?:\/|$)/.test(at)))
    files.delete(path)
}

/** The card is in a group that VFIO made for it (drivers/vfio/group.c: vfio_noiommu_group_alloc). */
const held: TestCase['edit'] = (files) => {
  files.set('sys/kernel/iommu_groups/0/name', text('vfio-noiommu\n'))
  for (const path of [...files.keys()].filter((at) => at.startsWith('sys/class/iommu/'))) files.delete(path)
}

// drivers/vfio/group.c, vfio_group_find_or_alloc; drivers/vfio/device_cdev.c leaves such devices without a node.
describe('a function without a group', () => {
  it('is handed out by VFIO alone while the mode is on', () => {
    const on = { machine: bare({ parameters: { [MODE]: 'Y' } }) }
    expect(gates(on)).toEqual(['accepts-without-iommu none', 'absent none'])
    expect(codes(on)).toEqual(['noiommu-mode'])
    expect(device(on)?.verdict).toBe('not-isolated')
    const { kernel } = explainDevice(analyse(probeMachine(sysrootOf(on))), CARD)
    expect(kernel.vfioType1.logLine).toBe(`vfio-pci ${CARD}: Adding kernel taint for vfio-noiommu group on device`)
  })

  it('will be, where the command line turns the mode on for a module still to be loaded', () => {
    const later = { machine: bare({ commandLine: `${MODE}=1`, configuration: BUILT }), edit: notLoaded }
    expect(gates(later)).toEqual(['accepts-without-iommu none', 'absent none'])
    expect(rules(later)).toContain('IR006')
  })

  it.each<[string, TestCase]>([
    ['off', { machine: bare({ parameters: { [MODE]: 'N' } }) }],
    ['not mentioned', { machine: bare({}) }],
    [
      'a word that this kernel was built not to know',
      { machine: bare({ commandLine: `${MODE}=1`, configuration: { CONFIG_VFIO_NOIOMMU: 'n' } }), edit: notLoaded },
    ],
    [
      'a word that the loaded module does not know',
      { machine: bare({ commandLine: `${MODE}=1`, configuration: BUILT }) },
    ],
  ])('does not bind where the mode is %s', (_, testCase) => {
    expect(gates(testCase)).toEqual(['refuses EINVAL', 'refuses EINVAL'])
    // A word that turns nothing on is nothing to remove.
    expect(rules(testCase)).not.toContain('IR006')
    expect(codes(testCase)).toEqual(['no-group'])
  })

  it('of which the parameter cannot be read is unknown', () => {
    const edit: TestCase['edit'] = (files) =>
      files.set(`sys/module/${MODE.replace('.', '/parameters/')}`, { kind: 'file', content: 'permission' })
    expect(gates({ machine: bare({ parameters: { [MODE]: 'N' } }), edit })).toEqual([
      'unknown unknown',
      'unknown unknown',
    ])
  })
})

describe('over an IOMMU that no driver runs', () => {
  const undriven = (configuration: string, more: Partial<MachineDescription>) =>
    arm({
      kernel: { parameters: { [MODE]: 'Y' }, configuration: { [configuration]: 'n' } },
      ...more,
    })
  const armed = (group: number | null): MachineDescription =>
    undriven('CONFIG_ARM_SMMU_V3', {
      iommus: [{ ...smmu, driver: false }],
      rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [card(1, { group }, 'vfio-pci')] }],
    })

  it.each<[string, TestCase]>([
    ['before it is bound', { machine: armed(null) }],
    ['once it is', { machine: armed(0), edit: held }],
  ])('the missing driver is the cause, %s', (_, testCase) => {
    expect(device(testCase)).toMatchObject({
      verdict: 'not-isolated',
      reason: 'iommu-not-probed',
      cause: { id: 'iommu-driver-not-built', remedy: 'Use a kernel that is built with CONFIG_ARM_SMMU_V3.' },
    })
    expect(gates(testCase)).toEqual(['accepts-without-iommu none', 'absent none'])
  })

  it('of x86 as well', () => {
    const machine = intel({
      kernel: { parameters: { [MODE]: 'Y' }, configuration: { CONFIG_INTEL_IOMMU_DEFAULT_ON: 'n' } },
      iommus: [vtd],
      rootComplexes: [{ iommu: 'dmar0', functions: [card(1, { group: 0 }, 'vfio-pci')] }],
    })
    expect(device({ machine, edit: held })?.cause).toMatchObject({ id: 'intel-iommu-off-by-default' })
  })
})
