import { afterAll, describe, expect, test } from 'vitest'
import { ofMapId, type OfMapResult } from '../../../src/kernel/devicetree/of-map-id.js'
import { parseRelease, type KernelRelease } from '../../../src/kernel/release.js'
import { DraftNode, finishTree } from '../../../src/machine/devicetree-builder.js'
import { known } from '../../../src/machine/fact.js'
import { cutFunction, cutFunctionIfThere } from '../cut.js'
import { Draw } from '../draw.js'
import { Comparison, kernelFile, Oracle, QUESTIONS, RELEASES, SEED, withStubs, words } from '../oracle.js'

const MAPS = ['msi-map', 'iommu-map'] as const
const EDGES = [0, 1, 8, 0x80, 0xff, 0x100, 0x1ff, 0x200, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x10000] as const

interface Target {
  readonly phandle: number
  /** Undefined where the target lacks the property. */
  readonly cells: number | undefined
}

interface DrawnMap {
  readonly targets: readonly Target[]
  readonly cells: readonly number[]
  readonly mask: number | undefined
  readonly ids: readonly number[]
}

/** A map as people and boot loaders write them: several entries, masks, targets that are gone, cells that are missing. */
function drawMap(draw: Draw): DrawnMap {
  const targets = Array.from({ length: 1 + draw.below(3) }, (_, index): Target => {
    const cells = draw.pick([0, 1, 1, 1, 2, 2, 3, 17])
    return { phandle: index + 1, cells: draw.chance(85) ? cells : undefined }
  })
  const cells: number[] = []
  for (let entry = 1 + draw.below(5); entry > 0; entry--) {
    const target = targets[draw.below(targets.length)]
    const declared = Math.min(target?.cells ?? 1, 4)
    const base = draw.pick(EDGES)
    cells.push(base, draw.chance(95) ? (target?.phandle ?? 9) : 9)
    for (let cell = draw.chance(85) ? declared : 1; cell > 0; cell--)
      cells.push(draw.pick([0, 0x100, base, 0xffffff00]))
    cells.push(draw.pick([1, 1, 1, 8, 0x100, 0x10000, 0, 0xffffffff]))
  }
  if (draw.chance(8)) cells.splice(draw.below(cells.length), 1)
  return {
    targets,
    cells: cells.length > 0 ? cells : [0],
    mask: draw.chance(25) ? draw.pick([0xffff, 0xff00, 0xfff8, 0, 0xffffffff]) : undefined,
    ids: [...EDGES, ...Array.from({ length: 6 }, () => draw.below(0x10000))],
  }
}

function questionsOf({ targets, cells, mask, ids }: DrawnMap): Uint8Array {
  return words(
    cells.length,
    ...cells,
    mask === undefined ? 0 : 1,
    mask ?? 0,
    targets.length,
    ...targets.flatMap((target) => [target.phandle, target.cells === undefined ? 0 : 1, target.cells ?? 0]),
    MAPS.length * ids.length,
    ...ids.flatMap((id) => [id, 0, id, 1]),
  )
}

/** Cells in the byte order of device trees. */
function cellBytes(...cells: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * cells.length)
  for (const [index, cell] of cells.entries()) bytes.writeUInt32BE(cell >>> 0, 4 * index)
  return new Uint8Array(bytes)
}

function answersOf({ targets, cells, mask, ids }: DrawnMap, release: KernelRelease): readonly OfMapResult[] {
  const root = new DraftNode(undefined, '', 'tree')
  const bridge = new DraftNode(root, 'pcie@0', 'tree/pcie@0')
  for (const name of MAPS) {
    bridge.properties.set(name, known(cellBytes(...cells)))
    if (mask !== undefined) bridge.properties.set(`${name}-mask`, known(cellBytes(mask)))
  }
  for (const target of targets) {
    const node = new DraftNode(root, `target@${target.phandle}`, 'tree')
    node.properties.set('phandle', known(cellBytes(target.phandle)))
    if (target.cells === undefined) continue
    for (const name of ['#msi-cells', '#iommu-cells']) node.properties.set(name, known(cellBytes(target.cells)))
  }
  const tree = finishTree(root, true)
  return ids.flatMap((id) => MAPS.map((name) => ofMapId(tree, bridge, id, name, release)))
}

const ERRNO: Readonly<Record<string, string>> = { '-22': 'EINVAL', '-14': 'EFAULT', '-19': 'ENODEV' }

/** The kernel's answer in our words: `RESULT PHANDLE ID COUNT`, where no output cell leaves the id open. */
function kernelAnswer(line: string): string {
  const [result = '', phandle = '', id = '', count = ''] = line.split(' ')
  if (result !== '0') return ERRNO[result] ?? result
  if (phandle === '0') return 'no-match'
  return `target@${phandle} ${count === '0' ? 'any' : id}`
}

function ourAnswer(answer: OfMapResult, anyId: boolean): string {
  switch (answer.kind) {
    case 'matched':
      return `${answer.target.name} ${anyId ? 'any' : answer.id}`
    case 'error':
      return answer.error
    case 'no-match':
    case 'absent':
    case 'unreadable':
      return answer.kind
  }
}

describe.skipIf(RELEASES.length === 0)('of_map_id of drivers/of/base.c', () => {
  const oracles: Oracle[] = []
  afterAll(() => {
    for (const oracle of oracles) oracle.remove()
  })

  test.each(RELEASES)(`Linux %s answers ${QUESTIONS} questions as we do`, (release) => {
    const source = kernelFile(release, 'drivers/of/base.c')
    const function_ = cutFunction(source, 'of_map_id')
    const code = withStubs('of-map/stubs.c', cutFunctionIfThere(source, 'of_check_bad_map') + function_)
    const oracle = new Oracle(code, function_.includes('cells_name') ? ['-DCELLS_NAME'] : [])
    oracles.push(oracle)
    const draw = new Draw(SEED)
    const parsed = parseRelease(release)
    if (!parsed) throw new Error(release)
    const comparison = new Comparison()
    while (comparison.asked < QUESTIONS) {
      const maps = Array.from({ length: 2000 }, () => drawMap(draw))
      const lines = oracle.ask(Buffer.concat(maps.map(questionsOf)))
      let at = 0
      for (const map of maps) {
        for (const [index, answer] of answersOf(map, parsed).entries()) {
          const line = lines[at++] ?? ''
          const theirs = kernelAnswer(line)
          const ours = ourAnswer(answer, theirs.endsWith(' any'))
          if (ours === 'unreadable') comparison.unknown++
          else if (ours === theirs) comparison.equal++
          else
            comparison.differs(
              `${ours.replaceAll(/\d+/g, 'N')} where the kernel says ${theirs.replaceAll(/\d+/g, 'N')}`,
              () => JSON.stringify({ id: map.ids[Math.floor(index / 2)], map: MAPS[index % 2], ...map, ours, theirs }),
            )
        }
      }
    }
    console.log(
      `of_map_id ${release}: ${comparison.asked} questions, ${comparison.equal} equal, ${comparison.unknown} unknown of ours`,
    )
    expect(comparison.differences).toEqual([])
    // An answer that is never given cannot differ.
    expect(comparison.unknown).toBeLessThan(comparison.asked / 10)
  })
})
