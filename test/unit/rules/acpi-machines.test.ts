import { describe, expect, it } from 'vitest'
import { buildRoutes } from '../../../src/routes/build.js'
import { contextOf } from '../../../src/kernel/build-context.js'
import type { MachineDescription } from '../../../src/emulator/machine-description.js'
import { writeIort } from '../../../src/emulator/firmware/iort-writer.js'
import { parseIort } from '../../../src/probes/acpi/iort.js'
import { probeFirmware } from '../../../src/probes/firmware-machine.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { lintFirmware } from '../../../src/report/lint/lint.js'
import { acpiRules } from '../../../src/rules/acpi-rules.js'
import type { LintFinding } from '../../../src/report/lint/lint-report.js'
import { its, lintTables, mapped, rootComplex, smmu } from './firmware-tables.js'
import { arm, card, closed, judged, sysrootOf, tree, type TestCase } from './metal.js'

const machineWith = (change: Partial<MachineDescription>): TestCase => ({ machine: arm(change) })

function findings(testCase: TestCase, rule: string): readonly LintFinding[] {
  return lintFirmware(probeFirmware(sysrootOf(testCase))).findings.filter((finding) => finding.rule === rule)
}

/** RequesterIDs below `ids` pass the SMMU; nothing is said of the others. */
const covering = (ids: number): Partial<MachineDescription> => ({
  acpi: { iort: { nodes: [its(), smmu(), mapped({ ids, output: 'smmu' })] } },
})

describe('machines with functions', () => {
  it('a present function outside every mapping is named', () => {
    const [first] = findings(machineWith(covering(0x100)), 'IR210')
    expect(first).toMatchObject({ severity: 'high', devices: ['0000:01:00.0'], node: 'IORT node 0xa0', offset: '0xa0' })
    expect(first?.summary).toBe('The root complex of segment 0 at 0xa0 has no mapping to an SMMU for 0000:01:00.0.')
    expect(first?.evidence[0]?.source).toBe('/sys/firmware/acpi/tables/IORT')
  })

  it('so are buses behind a bridge, low, where nothing is plugged in', () => {
    const slot = { ...card(1), functions: [], secondaryBus: 1, subordinateBus: 3 }
    const found = findings(
      machineWith({ ...covering(0x200), rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [slot] }] }),
      'IR210',
    )
    expect(found.map(({ severity, devices }) => [severity, devices])).toEqual([['low', []]])
    expect(found[0]?.summary).toBe(
      'The root complex of segment 0 at 0xa0 has no mapping to an SMMU or an ITS for the RequesterIDs 0x200 to 0x3ff, which lie on buses behind its bridges.',
    )
  })

  it('and VFs that can still be made', () => {
    const physical = card(1, { sriov: { total: 8, firstOffset: 0x80, stride: 2 } })
    const found = findings(
      machineWith({ ...covering(0x188), rootComplexes: [{ iommu: 'smmu', msi: 'its', functions: [physical] }] }),
      'IR210',
    ).filter(({ summary }) => summary.includes('VFs'))
    expect(found.map(({ severity }) => severity)).toEqual(['low'])
    // VFs at 0x180, 0x182, … 0x18e: the last four are past 0x187.
    expect(found[0]?.summary).toBe(
      '4 VFs that 0000:01:00.0 can still make (0x188, 0x18a, 0x18c, 0x18e) have no mapping of the root complex of segment 0 at 0xa0 to an SMMU or an ITS.',
    )
  })

  it('caveats reach the functions that a rule names, and only those', () => {
    const second: TestCase = machineWith({
      acpi: { iort: { nodes: [its(), smmu({ base: '0x9050000' }), rootComplex(), rootComplex({ name: 'again' })] } },
    })
    const { report } = judged(second)
    const device = report.devices.find(({ address }) => address === '0000:01:00.0')
    expect(device?.findings).toContain('IR216')
    expect(device?.verdict).toBe('isolated-with-caveats')
    const sound = judged(machineWith({})).report.devices.find(({ address }) => address === '0000:01:00.0')
    expect(sound?.verdict).toBe('isolated')
    expect(sound?.findings).not.toContain('IR216')
  })

  it('rules that can hold a verdict down are unknown for every function where the IORT cannot be read', () => {
    const hidden: TestCase = {
      machine: arm(),
      edit: (files) => void files.set('sys/firmware/acpi/tables/IORT', closed),
    }
    const machine = probeMachine(sysrootOf(hidden))
    const routes = buildRoutes(contextOf(machine))
    const names = routes.routes.map((route) => route.fn.name)
    expect(names.length).toBeGreaterThan(1)
    for (const rule of acpiRules.filter(({ effect }) => effect !== 'none')) {
      const { failed, unknown } = rule.check({ machine, routes })
      expect([rule.id, failed, unknown.map(({ devices }) => devices)]).toEqual([rule.id, [], [names]])
    }
  })

  it('a damaged table is judged by lint as far as it goes, and is nothing in probe', () => {
    const broken = machineWith({
      acpi: { iort: { checksum: 'bad', nodes: [its(), smmu(), mapped({ output: 0x7ff0 })] } },
    })
    expect(findings(broken, 'IR203')).toHaveLength(1)
    expect(findings(broken, 'IR201').map(({ severity, offset }) => [severity, offset])).toEqual([['medium', '0x9']])
    const { report } = judged(broken)
    expect(report.findings.filter(({ rule, outcome }) => rule === 'IR203' && outcome === 'fail')).toEqual([])
    expect(report.findings.find(({ rule }) => rule === 'IR201')?.summary).toBe(
      'The IORT is damaged, so nothing is taken from it.',
    )
    expect(report.devices.find(({ address }) => address === '0000:01:00.0')?.verdict).toBe('unknown')
  })

  it('the rules are about nothing on x86 and on device trees', () => {
    expect(findings({ machine: tree() }, 'IR203')).toEqual([])
    const { rules } = lintFirmware(probeFirmware(sysrootOf({ machine: tree() })))
    expect(rules.find(({ rule }) => rule === 'IR203')?.outcome).toBe('not-applicable')
  })
})

describe('ACPI tables beside a device tree', () => {
  /** The tree of a machine that has tables as well; its SMMU is at 0x9050000, its ITS at 0x8080000. */
  const both = (tables: TestCase): TestCase => ({
    machine: tables.machine,
    edit: (files) => {
      const described = sysrootOf({ machine: tree() })
      const copy = (path: string): void => {
        const names = described.list(path)
        const bytes = described.bytes(path)
        if (names.state === 'known') for (const name of names.value) copy(`${path}/${name}`)
        else if (bytes.state === 'known') files.set(path, { kind: 'file', content: bytes.value })
      }
      copy('sys/firmware/devicetree/base')
    },
  })

  it('agree', () => {
    const report = lintFirmware(probeFirmware(sysrootOf(both({ machine: arm() }))))
    expect(report.rules.find(({ rule }) => rule === 'IR290')?.outcome).toBe('pass')
  })

  it('disagree about the ITS', () => {
    const moved = arm({ msiControllers: [{ name: 'its', type: 'its', address: '0x9080000' }] })
    const found = findings(both({ machine: moved }), 'IR290')
    expect(found.map(({ severity, summary }) => [severity, summary])).toEqual([
      ['medium', 'The ITS at 0x9080000 is in the ACPI tables, but not in the device tree.'],
      ['medium', 'The ITS at 0x8080000 is in the device tree, but not in the ACPI tables.'],
    ])
  })
})

describe('what hostile tables may cost', () => {
  const COUNT = 3000
  const onward = Array.from({ length: COUNT }, (_, index) => ({ inputBase: index * 40, ids: 40, output: 'its' }))
  /** Ranges that each cross three thousand others: millions of ways. */
  const ranges = Array.from({ length: COUNT }, (_, index) => ({
    inputBase: index * 0x20000,
    ids: 0x20000,
    outputBase: 0,
    output: 'smmu',
  }))

  it('stops following mappings and says so, never that all is well', () => {
    const iort = parseIort(writeIort({ nodes: [its(), smmu(), mapped(...ranges, ...ranges)] }), 'IORT')
    expect(iort.damaged).toBe(true)
    const component = { type: 'named-component', objectName: '\\_SB.MCE0', mappings: ranges } as const
    const report = lintTables({ iort: { nodes: [its(), smmu({ mappings: onward }), component, rootComplex()] } })
    const untold = report.findings.filter(({ outcome }) => outcome === 'unknown').map(({ rule }) => rule)
    expect(untold).toEqual(expect.arrayContaining(['IR206', 'IR210', 'IR214', 'IR215']))
    expect(report.rules.filter(({ outcome }) => outcome === 'pass').map(({ rule }) => rule)).not.toContain('IR214')
  })

  it('lists a hundred findings of a kind and counts the others', () => {
    const dangling = Array.from({ length: 400 }, (_, index) => ({ inputBase: index, ids: 1, output: 0x7ff0 }))
    const found = lintTables({ iort: { nodes: [its(), smmu(), mapped(...dangling)] } }).findings
    const mine = found.filter(({ rule }) => rule === 'IR203')
    expect(mine).toHaveLength(101)
    expect(mine.at(-1)?.summary).toBe('300 more of the same are not listed.')
  })
})
