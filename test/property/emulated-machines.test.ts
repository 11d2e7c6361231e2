import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emulateMachine } from '../../src/emulator/emulate.js'
import type { FunctionDescription, MachineDescription } from '../../src/emulator/machine-description.js'
import type { EmulatedTree } from '../../src/emulator/sysfs-builder.js'
import { probeMachine } from '../../src/probes/machine.js'
import type { Report } from '../../src/report/types.js'
import { decompile, disassemble } from '../unit/emulator/tools.js'
import { hasDtc, hasIasl } from '../support/outside.js'
import { MemorySysroot, MemoryTree } from '../../src/sysroot/memory-sysroot.js'
import { anyMachine, armMachines, x86Machines } from '../support/drawn-machines.js'
import { buildReport, verdictOnly } from '../support/law-judgement.js'
import { reckon, type Expected } from '../support/reckoning.js'

const SEED = Number(process.env['PROPERTY_SEED'] ?? 20261122)
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 2000)

/** One of so many is reported whole too, to see that its verdicts are the same. */
const WHOLE = 41

/** Machines whose tables and blobs the reference tools read. */
const SAMPLE = 12

function files(machine: MachineDescription, prefix: string): readonly (readonly [string, Uint8Array])[] {
  return [...emulateMachine(machine)].flatMap(([path, entry]) =>
    path.startsWith(prefix) && entry.kind === 'file' && typeof entry.content !== 'string'
      ? [[path, entry.content] as const]
      : [],
  )
}

/** Group of every function that has one, from the links in the tree. */
function groupsOf(tree: EmulatedTree): ReadonlyMap<string, string> {
  const groups = new Map<string, string>()
  for (const [path, entry] of tree) {
    const match = /\/([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])\/iommu_group$/.exec(path)
    if (match?.[1] !== undefined && entry.kind === 'symlink') groups.set(match[1], entry.target.split('/').at(-1) ?? '')
  }
  return groups
}

function withDrivers(functions: readonly FunctionDescription[]): readonly FunctionDescription[] {
  return functions.map((fn) => ({
    ...fn,
    driver: fn.driver ?? 'vfio-pci',
    ...(fn.functions ? { functions: withDrivers(fn.functions) } : {}),
  }))
}

function bound(machine: MachineDescription): MachineDescription {
  return {
    ...machine,
    rootComplexes: machine.rootComplexes.map((complex) => ({ ...complex, functions: withDrivers(complex.functions) })),
  }
}

const probed = (tree: EmulatedTree) =>
  probeMachine(new MemorySysroot({ kind: 'emulated', name: 'drawn' }, new MemoryTree(tree)))

type Said = Omit<Expected, 'verdict'> & { readonly verdict: Expected['verdict'] | 'unknown' }

function said(report: Report): Record<string, Said> {
  return Object.fromEntries(
    report.devices.map(({ address, verdict, kernel }) => [
      address,
      {
        verdict,
        isolatedMsi: kernel.isolatedMsi,
        vfioType1: `${kernel.vfioType1.outcome} ${kernel.vfioType1.errno}`,
        iommufd: `${kernel.iommufd.outcome} ${kernel.iommufd.errno}`,
      },
    ]),
  )
}

describe('machines drawn at random', () => {
  it(`get the verdicts and the kernel's answers that their descriptions imply (${RUNS} machines, seed ${SEED})`, () => {
    const counts: Record<string, number> = {}
    let functions = 0
    let count = 0
    fc.assert(
      fc.property(anyMachine(), (machine) => {
        const tree = emulateMachine(machine)
        const expected = reckon(machine, { now: groupsOf(tree), bound: groupsOf(emulateMachine(bound(machine))) })
        const drawn = probed(tree)
        const report = said(verdictOnly(() => buildReport(drawn)))
        if (++count % WHOLE === 0) expect(said(buildReport(drawn))).toEqual(report)
        for (const [name, { verdict }] of expected) {
          functions += 1
          counts[verdict] = (counts[verdict] ?? 0) + 1
          const got = report[name]
          if (verdict === 'either' && got && (got.verdict === 'isolated' || got.verdict === 'isolated-with-caveats'))
            report[name] = { ...got, verdict }
        }
        expect(report).toEqual(Object.fromEntries(expected))
      }),
      { numRuns: RUNS, seed: SEED },
    )
    console.log(`${RUNS} machines, ${functions} functions, seed ${SEED}: ${JSON.stringify(counts)}`)
    expect(
      Math.min(...['isolated', 'isolated-with-caveats', 'not-isolated'].map((verdict) => counts[verdict] ?? 0)),
    ).toBeGreaterThan(RUNS / 10)
  })

  const tables = hasIasl ? '' : ' (not run: iasl is not installed)'
  it.skipIf(!hasIasl)(`have tables that iasl reads without complaint${tables}`, () => {
    const machines = fc.sample(fc.oneof(armMachines({ firmware: 'acpi' }), x86Machines()), {
      numRuns: SAMPLE,
      seed: SEED,
    })
    const complaints = machines.flatMap((machine) =>
      files(machine, 'sys/firmware/acpi/tables/').flatMap(([path, bytes]) => {
        const { status, messages, listing } = disassemble(bytes)
        const sound = status === 0 && !/error|invalid|warning/i.test(messages) && !listing.includes('Invalid')
        return sound ? [] : [`${path}: ${status} ${messages}`]
      }),
    )
    expect(complaints).toEqual([])
  })

  const blobs = hasDtc ? '' : ' (not run: dtc is not installed)'
  it.skipIf(!hasDtc)(`have blobs that dtc reads${blobs}`, () => {
    const machines = fc.sample(armMachines({ firmware: 'devicetree' }), { numRuns: SAMPLE, seed: SEED })
    const sources = machines.flatMap((machine) =>
      files(machine, 'sys/firmware/fdt').map(([, bytes]) => decompile(bytes)),
    )
    expect(sources).toHaveLength(SAMPLE)
    for (const source of sources) expect(source).toContain('pcie@')
  })
})
