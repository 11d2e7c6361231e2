import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { emulateMachine } from '../../src/emulator/emulate.js'
import { contextOf } from '../../src/kernel/build-context.js'
import { probeFirmware } from '../../src/probes/firmware-machine.js'
import { probeMachine } from '../../src/probes/machine.js'
import { buildRoutes } from '../../src/routes/build.js'
import { evaluate } from '../../src/rules/evaluate.js'
import { hasGuessedDeviceId } from '../../src/rules/devices/its-users.js'
import type { OutcomeItem } from '../../src/rules/rule.js'
import { idsCollide, treeIdsCollide } from '../../src/rules/ids/ir214-ir313-ids-collide.js'
import { MemorySysroot, MemoryTree } from '../../src/sysroot/memory-sysroot.js'
import type { Sysroot } from '../../src/sysroot/sysroot.js'
import { captureNames, openCapture } from '../support/captures.js'
import { armMachines } from '../support/drawn-machines.js'
import { bundledMachines } from '../support/machines.js'
import { hasCaptures } from '../support/outside.js'

const SEED = Number(process.env['PROPERTY_SEED'] ?? 20261128)

/**
 * Who shares ids with whom. One owner that has them twice is left out, for probe looks at functions and lint at ranges;
 * and where, for DeviceIDs that follow StreamIDs are told with these by lint, and by probe as what they do.
 */
type Sharers = readonly (readonly string[])[]

function sharersOf(items: readonly OutcomeItem[]): Sharers {
  return items.flatMap(({ shares }) => {
    const owners = [...new Set(shares?.owners)].sort()
    return owners.length > 1 ? [owners] : []
  })
}

function byProbe(sysroot: Sysroot): Sharers {
  const machine = probeMachine(sysroot)
  const routes = buildRoutes(contextOf(machine))
  // Under which DeviceID an ITS knows a function that no map holds is Linux's guess: no table gives it twice.
  const isGuess = ({ devices }: OutcomeItem) => devices.some((name) => hasGuessedDeviceId(routes.byName.get(name)))
  const failed = evaluate({ machine, routes }).findings.flatMap(({ kind, item }) => (kind === 'fail' ? [item] : []))
  return sharersOf(failed.filter((item) => !isGuess(item)))
}

function byLint(sysroot: Sysroot): Sharers {
  const { machine } = probeFirmware(sysroot)
  const { release } = probeMachine(sysroot).kernel
  const routes = buildRoutes(contextOf(machine, release.state === 'known' ? release.value : undefined))
  const outcomes = [idsCollide, treeIdsCollide].map((rule) => rule.check({ machine, routes }))
  return sharersOf(outcomes.flatMap(({ failed }) => failed))
}

/** Those of `some` whose owners `others` never name together, be it through a third who shares with both. */
function missing(some: Sharers, others: Sharers): Sharers {
  return some.filter((owners) => {
    const reached = new Set(owners.slice(0, 1))
    for (const _ of others)
      for (const together of others)
        if (together.some((owner) => reached.has(owner))) for (const owner of together) reached.add(owner)
    return owners.some((owner) => !reached.has(owner))
  })
}

const both = (sysroot: Sysroot) => {
  const [probe, lint] = [byProbe(sysroot), byLint(sysroot)]
  return { onlyProbe: missing(probe, lint), onlyLint: missing(lint, probe), found: lint.length }
}
const NONE = { onlyProbe: [], onlyLint: [] }

describe('who shares ids is the same for probe, which knows the functions, and for lint, which knows none', () => {
  test('on drawn machines', () => {
    let found = 0
    fc.assert(
      fc.property(armMachines(), (machine) => {
        const tree = new MemoryTree(new Map(emulateMachine(machine)))
        const said = both(new MemorySysroot({ kind: 'emulated', name: 'drawn' }, tree))
        found += said.found
        expect(said).toMatchObject(NONE)
      }),
      { seed: SEED, numRuns: 150 },
    )
    expect(found).toBeGreaterThan(10)
  })

  test('on the bundled machines', async () => {
    for (const { name, sysroot } of await bundledMachines()) expect({ name, ...both(sysroot) }).toMatchObject(NONE)
  })

  test.skipIf(!hasCaptures)(`on captured ones${hasCaptures ? '' : ' (no captures)'}`, async () => {
    for (const name of captureNames()) expect({ name, ...both((await openCapture(name)).sysroot) }).toMatchObject(NONE)
  })
})
