import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../src/kernel/build-context.js'
import { decided } from '../../../src/kernel/decision.js'
import { everyMsiDomainRemaps, intrRemapCapability } from '../../../src/kernel/msi/global-isolation.js'
import { describedIommu } from '../../../src/kernel/iommu/iommu-description.js'
import { msiControllersOf } from '../../../src/kernel/msi/msi-controllers.js'
import { probeMachine } from '../../../src/probes/machine.js'
import type { DeviceReport } from '../../../src/report/types.js'
import { arm, card, closed, IDLE, intel, judged, sysrootOf, text, tree, type TestCase } from './metal.js'
import { its, release, smmu, v2m } from './vector.js'

const CARD = '0000:01:00.0'
const GROUP_DEVICES = /^sys\/kernel\/iommu_groups\/\d+\/devices\//
const assignable = card(1, { driver: 'vfio-pci' })

function cardOf(testCase: TestCase): DeviceReport {
  const found = judged(testCase).report.devices.find(({ address }) => address === CARD)
  if (!found) throw new Error(`${testCase.machine.name} has no ${CARD}`)
  return found
}
const gateOf = (testCase: TestCase, which: 'vfioType1' | 'iommufd' = 'vfioType1') => {
  const { outcome, errno } = cardOf(testCase).kernel[which]
  return `${outcome} ${errno}`
}
const contextFor = (testCase: TestCase) => contextOf(probeMachine(sysrootOf(testCase)))

// K: kernel/params.c, param_set_bool: a parameter without a value is on. modprobe gives its own options first, then
// those of the command line, and the last one counts.
describe('the override of a module that is not loaded', () => {
  const PARAMETER = 'vfio_iommu_type1.allow_unsafe_interrupts'
  const unloaded = (commandLine: string, options?: string): TestCase => ({
    machine: arm({
      kernel: release('6.12.0', { commandLine }),
      msiControllers: [v2m],
      rootComplexes: [{ iommu: 'smmu', msi: 'v2m', functions: [assignable] }],
    }),
    edit: (files) => {
      for (const path of files.keys()) if (path.startsWith('sys/module/vfio_iommu_type1')) files.delete(path)
      if (options !== undefined) files.set('etc/modprobe.d/vfio.conf', text(`options vfio_iommu_type1 ${options}\n`))
    },
  })
  it.each([
    ['quiet', undefined, 'refuses EPERM'],
    [`${PARAMETER}=1`, undefined, 'accepts-by-override none'],
    [`${PARAMETER}=on`, undefined, 'accepts-by-override none'],
    [PARAMETER, undefined, 'accepts-by-override none'],
    [`${PARAMETER}=1 ${PARAMETER}=0`, undefined, 'refuses EPERM'],
    [`${PARAMETER}=0 ${PARAMETER}=1`, undefined, 'accepts-by-override none'],
    ['quiet', 'allow_unsafe_interrupts', 'accepts-by-override none'],
    ['quiet', 'allow_unsafe_interrupts=Y', 'accepts-by-override none'],
    ['quiet', 'allow_unsafe_interrupts=N', 'refuses EPERM'],
    [`${PARAMETER}=0`, 'allow_unsafe_interrupts=1', 'refuses EPERM'],
    [`${PARAMETER}=1`, 'allow_unsafe_interrupts=0', 'accepts-by-override none'],
  ])('%s, modprobe.d: %s', (commandLine, options, expected) => {
    expect(gateOf(unloaded(commandLine, options))).toBe(expected)
  })
})

// history.md section 2: VFIO asks for cache coherency from 5.19 on, iommufd is there from 6.2 on. Up to 6.0 the drivers of
// both SMMUs answer yes to it whatever firmware says (K: arm_smmu_capable; commit df198b37e72c, in 6.1).
describe('what a release asks for', () => {
  it.each([
    ['5.18.0', 'accepts none', []],
    ['6.0.0', 'accepts none', []],
    ['6.1.0', 'refuses EINVAL', ['no-cache-coherency']],
  ])('%s: an SMMU that firmware does not mark as coherent %s', (text_, gate, obstacles) => {
    const testCase: TestCase = {
      machine: tree({
        kernel: release(text_),
        iommus: [{ ...smmu, coherent: false }],
        rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [assignable] }],
      }),
    }
    expect(gateOf(testCase)).toBe(gate)
    expect(cardOf(testCase).obstacles.map(({ code }) => code)).toEqual(obstacles)
  })
  // iort-walk.md section 8; K: commit a48ce36e2786, in 6.6, makes a general rule of what VT-d's driver alone had done, EPERM.
  const region = { start: 0x7000_0000, end: 0x7000_ffff, type: 'direct' }
  it.each([
    ['5.15.0', 'VT-d', intel, 'refuses EPERM', ['direct-region']],
    ['6.5.0', 'VT-d', intel, 'refuses EPERM', ['direct-region']],
    ['6.6.0', 'VT-d', intel, 'refuses EINVAL', ['direct-region']],
    ['6.5.0', 'SMMUv3', arm, 'accepts none', []],
    ['5.14.0-427.el9', 'SMMUv3', arm, 'unknown unknown', []],
    ['6.6.0', 'SMMUv3', arm, 'refuses EINVAL', ['direct-region']],
  ] as const)('%s: a region that firmware wants mapped 1:1 behind %s', (text_, _, make, gate, obstacles) => {
    const functions = [card(1, { driver: 'vfio-pci', reservedRegions: [region] })]
    const testCase: TestCase = {
      machine: make({
        kernel: release(text_),
        rootComplexes: [make === arm ? { iommu: 'smmu', msi: 'its', functions } : { iommu: 'dmar0', functions }],
      }),
    }
    expect(gateOf(testCase)).toBe(gate)
    expect(cardOf(testCase).obstacles.map(({ code }) => code)).toEqual(obstacles)
  })
  // sysfs-procfs.md section 1a: up to 6.14 a function joins its group when a driver binds, from 6.15 on it has one or none.
  it.each([
    ['6.14.0', 'accepts none'],
    ['6.15.0', 'refuses EINVAL'],
  ])('%s: a function without driver and group %s', (text_, gate) => {
    const functions = [card(1, { group: null }, IDLE)]
    const machine = arm({ kernel: release(text_), rootComplexes: [{ iommu: 'smmu', msi: 'its', functions }] })
    expect(gateOf({ machine })).toBe(gate)
  })
  it.each([
    ['6.1.0', 'absent none'],
    ['6.2.0', 'accepts none'],
  ])('%s: iommufd %s', (text_, gate) => {
    expect(gateOf({ machine: arm({ kernel: { release: text_ } }) }, 'iommufd')).toBe(gate)
  })
})

// history.md section 3; kernel-decision.md: one domain without the flag makes every device unsafe, none at all does not.
describe('the machine-wide predicate of 4.11 to 6.2', () => {
  const remaps = (testCase: TestCase) => {
    const context = contextFor(testCase)
    return everyMsiDomainRemaps(context, msiControllersOf(context).all)
  }
  const beside = (more: object) => arm({ kernel: release('6.1.0'), msiControllers: [its, { ...v2m, ...more }] })

  it('is spoiled by a GICv2m frame nobody uses, unless the kernel made no domain of it', () => {
    expect(remaps({ machine: arm({ kernel: release('6.1.0') }) })).toBe('yes')
    expect(remaps({ machine: beside({}) })).toBe('no')
    expect(remaps({ machine: beside({ usable: false }) })).toBe('yes')
  })
  it('is open where a table that may name another controller cannot be read', () => {
    const machine = arm({ kernel: release('6.1.0') })
    expect(remaps({ machine, edit: (files) => files.set('sys/firmware/acpi/tables/APIC', closed) })).toBe('unknown')
  })
  it('gives way to the capability that Arm drivers claimed from 3.17 to 4.10', () => {
    const claimed = ['3.16.0', '3.17.0', '4.10.17', '4.11.0'].map((text_) =>
      intrRemapCapability(contextFor({ machine: arm({ kernel: release(text_) }) })),
    )
    expect(claimed).toEqual(['no', 'yes', 'yes', 'no'])
  })
})

// other-arch.md: 8086:3403, 3405 and 3406 with revision up to 0x13, and 3405 with 0x22.
describe('chipsets whose interrupt remapping is broken', () => {
  it.each([
    ['8086:3405', 0x13, 'not-isolated'],
    ['8086:3405', 0x14, 'isolated'],
    ['8086:3405', 0x22, 'not-isolated'],
    ['8086:3403', 0x13, 'not-isolated'],
    ['8086:3403', 0x22, 'isolated'],
    ['8086:3406', 0x12, 'not-isolated'],
    ['8086:3404', 0x12, 'isolated'],
  ])('host bridge %s, revision %i: %s', (id, revision, verdict) => {
    const functions = [{ address: '00:00.0', id, class: '060000', revision }, card(1)]
    expect(cardOf({ machine: intel({ rootComplexes: [{ iommu: 'dmar0', functions }] }) }).verdict).toBe(verdict)
  })
})

describe('a virtio-iommu', () => {
  const behind = (count: number) => {
    const context = contextFor({
      machine: arm({
        iommus: [{ name: 'viommu', type: 'virtio-iommu', function: '00:02.0' }],
        rootComplexes: [
          {
            iommuMap: [{ from: 0x10, count, outputBase: 0x1000, to: 'viommu' }],
            msi: 'its',
            functions: [{ address: '00:02.0', id: '1af4:1057' }, card(1)],
          },
        ],
      }),
    })
    const fn = context.byName.get(CARD)
    if (!fn) throw new Error(`no ${CARD}`)
    const found = describedIommu(context, fn, decided([0x100]))
    return found.state === 'decided' && found.value !== 'none' ? found.value.streamIds : found
  }
  it('takes the last RequesterID of its range, as far from its first endpoint as from the first RequesterID', () => {
    expect(behind(0x100 - 0x10 + 1)).toEqual([0x1000 + 0x100 - 0x10])
    expect(behind(0x100 - 0x10)).toMatchObject({ state: 'decided', value: 'none' })
  })
})

// devicetree.md: behind a pre-ITS the kernel clears the flag, while the chip keeps its name.
describe('an ITS in use, and an msi-map that cannot be read', () => {
  const preIts = { base: '0x58000000', size: '0x200000' }
  const answer = (...msiControllers: readonly object[]) => {
    const machine = tree({ msiControllers: msiControllers.map((more) => ({ ...its, ...more })) })
    const edit: TestCase['edit'] = (files) => {
      for (const path of files.keys()) if (path.endsWith('/msi-map')) files.set(path, closed)
    }
    return cardOf({ machine, edit }).kernel.isolatedMsi
  }
  const second = { name: 'second', address: '0x8100000' }
  it('has the flag only where no ITS is behind a pre-ITS', () => {
    expect(answer({})).toBe('yes')
    expect(answer({ preIts })).toBe('no')
    expect(answer({}, { ...second, preIts })).toBe('unknown')
  })
})

describe('files that hide what the kernel has', () => {
  it('a group that lists nobody is not one without members', () => {
    const testCase: TestCase = {
      machine: arm(),
      edit: (files) => {
        for (const path of files.keys()) if (GROUP_DEVICES.test(path)) files.delete(path)
      },
    }
    const { groups } = judged(testCase).report
    expect(groups.length).toBeGreaterThan(0)
    expect(groups.map(({ isolatedMsi, verdict }) => [isolatedMsi, verdict])).toEqual(
      groups.map(() => ['unknown', 'unknown']),
    )
    expect(gateOf(testCase)).toBe('unknown unknown')
  })
  it('no reserved region where the driver of an SMMU always has one', () => {
    const edit: TestCase['edit'] = (files) => {
      for (const path of files.keys()) if (path.endsWith('/reserved_regions')) files.set(path, text(''))
    }
    expect(gateOf({ machine: arm() })).toBe('accepts none')
    expect(gateOf({ machine: arm(), edit })).toBe('unknown unknown')
  })
})
