import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { emulateMachine } from '../../../../src/emulator/emulate.js'
import { largeMachine } from '../../../../src/emulator/large-machine.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { analyse } from '../../../../src/report/probe/build.js'
import { explainDevice } from '../../../../src/report/explain/explain.js'
import type { DeviceExplanation } from '../../../../src/report/explain/explanation.js'
import { comparedReleases } from '../../../../src/report/explain/gate-explanation.js'
import { NotFoundError } from '../../../../src/report/not-found.js'
import { openBundle } from '../../../../src/sysroot/bundle-sysroot.js'
import { MemorySysroot, MemoryTree } from '../../../../src/sysroot/memory-sysroot.js'
import { machineNamed, machineNames, MACHINES_FROM } from '../../../support/whole-machines.js'
import { CAPTURES, hasCaptures } from '../../../support/outside.js'
import { processorMilliseconds } from '../../../support/processor-time.js'

async function explained(name: string, address: string): Promise<DeviceExplanation> {
  const machine = await machineNamed(name)
  if (!machine) throw new Error(`${name} is gone`)
  return explainDevice(analyse(machine), address)
}

const answerTo = (explanation: DeviceExplanation, id: string) =>
  explanation.questions.find((question) => question.id === id)?.answer

const needs = (...names: readonly string[]) => names.every((name) => machineNames.includes(name))

describe.skipIf(!needs('arm-v3its-topo-acpi-612'))(
  `a shared DeviceID, arm-v3its-topo-acpi-612 (${MACHINES_FROM})`,
  () => {
    // 03:01.0 and 03:02.0 stand behind a PCIe-to-PCI bridge (02:00.0), which speaks for both with its secondary bus's 0x300.
    test('the route names aliases, sharers and the places of every witness', async () => {
      const { route, effectiveVerdict } = await explained('arm-v3its-topo-acpi-612', '03:01.0')
      expect(effectiveVerdict).toBe('not-isolated')
      expect(route.function.requesterIds).toEqual([
        { requesterId: '0x308', emittedBy: '0000:03:01.0' },
        { requesterId: '0x300', emittedBy: '0000:02:00.0' },
      ])
      expect(route.msiController.sharedWith).toEqual([
        { address: '0000:03:02.0', iommuGroup: 'none', sameGroup: false },
      ])
      expect(
        [route.iommu, route.msiController].map(({ described, probed, inUse }) => [
          described.answer,
          probed.answer,
          inUse.answer,
        ]),
      ).toEqual([
        ['yes', 'yes', 'yes'],
        ['yes', 'yes', 'no'],
      ])
      // iasl: the root complex node is at 0xa0 (76 bytes), its mapping at 0xc4; the ITS subtable of the MADT at 0xf4.
      expect(route.iommu.described.evidence.map(({ source, locator }) => [source, locator])).toEqual([
        ['/sys/firmware/acpi/tables/IORT', 'offset 0xa0, 76 bytes'],
        ['/sys/firmware/acpi/tables/IORT', 'offset 0xc4, 20 bytes'],
      ])
      expect(route.msiController.described.evidence.at(-1)).toEqual({
        source: '/sys/firmware/acpi/tables/APIC',
        locator: 'offset 0xf4, 20 bytes',
        at: { offset: 0xf4, length: 20 },
        value: 'ITS 0 at 0x8080000',
      })
      expect(route.doorbell).toMatchObject({
        physical: '0x8090040',
        window: { kind: 'software', start: '0x8000000', end: '0x80fffff' },
      })
    })

    test('the founding questions', async () => {
      const explanation = await explained('arm-v3its-topo-acpi-612', '03:01.0')
      expect(answerTo(explanation, 'translation')).toBe('yes')
      expect(answerTo(explanation, 'payload')).toBe('yes')
      expect(answerTo(explanation, 'gic-generation')).toBe('GICv3, LPIs through an ITS')
      expect(answerTo(explanation, 'doorbell')).toBe('0x8090040, software window')
      expect(answerTo(explanation, 'gates')).toBe('VFIO type1 accepts, iommufd absent')
      expect(answerTo(explanation, 'cache-coherency')).toBe('yes')
      expect(answerTo(explanation, 'without-hypervisor')).toBe('trusted drivers only')
      // A PCIe-to-PCI bridge gives both one RequesterID, which no table can undo.
      expect(explanation.changes[0]).toMatchObject({ rule: 'IR101', actor: 'hardware' })
    })

    test('the other one of the pair has no group: nothing translates it', async () => {
      const explanation = await explained('arm-v3its-topo-acpi-612', '0000:03:02.0')
      expect(explanation.route.iommu.attachment).toBe('never')
      expect(answerTo(explanation, 'translation')).toBe('no')
      // Seen in the log of that kernel when vfio-pci was bound.
      expect(explanation.kernel.vfioType1).toEqual({
        outcome: 'refuses',
        errno: 'EINVAL',
        logLine: 'vfio-pci 0000:03:02.0: probe with driver vfio-pci failed with error -22',
      })
    })

    test('a function that is not there', async () => {
      await expect(explained('arm-v3its-topo-acpi-612', '44:00.0')).rejects.toBeInstanceOf(NotFoundError)
    })
  },
)

describe('the eras (history.md section 3)', () => {
  const type1Of = ({ releases }: DeviceExplanation) =>
    releases.map(({ release, vfioType1 }) => [release.split(/[+-]/)[0], vfioType1.outcome])

  test.skipIf(!needs('arm-v2m-smmu-acpi-612'))(
    'a GICv2m behind an SMMU: accepted up to 4.10, refused since',
    async () => {
      const explanation = await explained('arm-v2m-smmu-acpi-612', '00:02.0')
      expect(type1Of(explanation)).toEqual([
        ['4.9', 'accepts'],
        ['4.12', 'refuses'],
        ['5.15', 'refuses'],
        ['6.1', 'refuses'],
        ['6.2', 'refuses'],
        ['6.6', 'refuses'],
        ['6.12.95', 'refuses'],
      ])
      expect(answerTo(explanation, 'history')).toBe('yes')
      expect(answerTo(explanation, 'payload')).toBe('no')
    },
  )

  test.skipIf(!needs('arm-v3noits-smmu-dt-612'))(
    'no MSI domain at all: accepted from 4.11 to 6.2 because no domain fails to remap',
    async () => {
      const explanation = await explained('arm-v3noits-smmu-dt-612', '00:02.0')
      expect(type1Of(explanation)).toEqual([
        ['4.9', 'accepts'],
        ['4.12', 'accepts'],
        ['5.15', 'accepts'],
        ['6.1', 'accepts'],
        ['6.2', 'accepts'],
        ['6.6', 'refuses'],
        ['6.12.95', 'refuses'],
      ])
    },
  )

  test('the running release stands in its place, and for its series', () => {
    expect(comparedReleases('6.12.95+deb12-arm64')).toEqual([
      '4.9',
      '4.12',
      '5.15',
      '6.1',
      '6.2',
      '6.6',
      '6.12.95+deb12-arm64',
    ])
    expect(comparedReleases('6.3.1')).toEqual(['4.9', '4.12', '5.15', '6.1', '6.2', '6.3.1', '6.6', '6.12'])
    expect(comparedReleases(undefined)).toHaveLength(7)
  })
})

describe.skipIf(!needs('arm-v4-smmu-acpi-612'))(`GICv4 (${MACHINES_FROM})`, () => {
  test('is told from the log, with a note on direct injection', async () => {
    const explanation = await explained('arm-v4-smmu-acpi-612', '00:02.0')
    expect(answerTo(explanation, 'gic-generation')).toBe('GICv4, LPIs through an ITS')
    expect(explanation.notes.map(({ id }) => id)).toContain('msi-window')
  })
})

interface OracleDevice {
  readonly bdf: string
  readonly strict?: {
    readonly legacy: { readonly errno: number; readonly stage: string | null }
    readonly dmesg?: readonly string[]
  } | null
}
const isOracle = (
  value: unknown,
): value is { readonly devices: readonly OracleDevice[]; readonly params_as_booted: Record<string, string | null> } =>
  typeof value === 'object' && value !== null && 'devices' in value && 'params_as_booted' in value

const captures = hasCaptures ? readdirSync(CAPTURES).filter((name) => name.endsWith('.tar.gz')) : []
test.skipIf(captures.length === 0)(
  'the log line foretold is the one that the kernel printed (needs ../shared/captures)',
  async () => {
    let compared = 0
    for (const file of captures) {
      const bundle = await openBundle(readFileSync(`${CAPTURES}/${file}`), file)
      const oracle: unknown = JSON.parse(new TextDecoder().decode(bundle.extras.get('oracle.json')))
      if (!isOracle(oracle) || oracle.params_as_booted['vfio_iommu_type1.allow_unsafe_interrupts'] === 'Y') continue
      const analysis = analyse(probeMachine(bundle.sysroot))
      for (const { bdf, strict } of oracle.devices) {
        const dmesg = strict?.dmesg
        if (!dmesg || strict.legacy.stage !== 'VFIO_SET_IOMMU' || strict.legacy.errno !== 1) continue
        const { logLine } = explainDevice(analysis, bdf).kernel.vfioType1
        expect(dmesg, `${file} ${bdf}`).toContain(logLine)
        compared += 1
      }
    }
    console.log(`${compared} refusals compared with the line that was logged`)
    expect(compared).toBeGreaterThan(100)
  },
)

test('one of 2,000 functions is explained in seconds, all eras included', () => {
  const tree = new MemoryTree(emulateMachine(largeMachine(2000)))
  const analysis = analyse(probeMachine(new MemorySysroot({ kind: 'emulated', name: 'large' }, tree)))
  const address = analysis.report.devices.at(-1)?.address ?? ''
  const took = processorMilliseconds(() => {
    expect(explainDevice(analysis, address).releases.length).toBeGreaterThan(6)
  })
  console.log(`one of 2,000 functions explained in ${(took / 1000).toFixed(1)} s`)
  expect(took).toBeLessThan(5000)
})

test.each(machineNames)(
  `%s: every function is explained, unknown is a string, every question has an answer (${MACHINES_FROM})`,
  async (name) => {
    const machine = await machineNamed(name)
    if (!machine) throw new Error(`${name} is gone`)
    const analysis = analyse(machine)
    for (const { address } of analysis.report.devices) {
      const explanation = explainDevice(analysis, address)
      const text = JSON.stringify(explanation)
      expect(text).not.toMatch(/:null|undefined|\{\w+\}/)
      expect(explanation.questions).toHaveLength(11)
      for (const { id, answer, because } of explanation.questions) {
        expect(answer, `${address} ${id}`).not.toBe('')
        expect(because, `${address} ${id}`).toMatch(/^[^ ].*[.]$/)
      }
      const { passed, notApplicable, otherDevices } = explanation.otherRules
      const named = new Set(explanation.findings.map(({ rule }) => rule)).size
      expect(passed + notApplicable + otherDevices + named).toBe(analysis.evaluation.outcomes.size)
    }
  },
)
