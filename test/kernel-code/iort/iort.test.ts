import { afterAll, describe, expect, test } from 'vitest'
import { iortStreamId } from '../../../src/kernel/iort/iort-iommu.js'
import { iortMsiTarget } from '../../../src/kernel/iort/iort-msi.js'
import { parseRelease, type KernelRelease } from '../../../src/kernel/release.js'
import type { IortTable } from '../../../src/machine/iort.js'
import { parseIort } from '../../../src/probes/acpi/iort.js'
import { cutBetween, cutFunction } from '../cut.js'
import { Draw } from '../draw.js'
import { Comparison, kernelFile, Oracle, QUESTIONS, RELEASES, SEED, withStubs, words } from '../oracle.js'
import { drawIort, type DrawnIort, type IortQuestion } from './draw-iort.js'

const FUNCTIONS = ['iort_scan_node', 'iort_id_map', 'iort_get_id_mapping_index', 'iort_node_map_id']

function questionsOf({ bytes, questions }: DrawnIort): Uint8Array {
  const asked = questions.flatMap(({ segment, requesterId, iommu }) => [segment, requesterId, iommu ? 1 : 0])
  return Buffer.concat([words(bytes.length, questions.length), bytes, words(...asked)])
}

/** In the oracle's words: offset of the node, id, and for an ITS group its first ITS (all ones where it has none). */
function ourAnswer(iort: IortTable, { segment, requesterId, iommu }: IortQuestion, release: KernelRelease): string {
  const answer = iommu
    ? iortStreamId(iort, segment, requesterId, release)
    : iortMsiTarget(iort, segment, requesterId, release)
  switch (answer.kind) {
    case 'unknown':
      return `unknown: ${answer.reason}`
    case 'none':
      return answer.reason === 'empty-its-group' ? answer.reason : 'none'
    case 'its':
      return `${answer.itsGroup.offset} ${answer.deviceId} ${answer.itsId}`
    case 'stream':
      return `${answer.smmu.offset} ${answer.streamId}`
  }
}

/** Without a target it is no answer of Linux's which node was missing on the way. */
const kernelAnswer = (line: string) => (line === 'no-root-complex' ? 'none' : line)

const isEmptyGroup = (line: string) => line.endsWith(' 4294967295')

describe.skipIf(RELEASES.length === 0)('iort_node_map_id of drivers/acpi/arm64/iort.c', () => {
  const oracles: Oracle[] = []
  afterAll(() => {
    for (const oracle of oracles) oracle.remove()
  })

  test.each(RELEASES)(`Linux %s answers ${QUESTIONS} questions as we do`, (release) => {
    const source = kernelFile(release, 'drivers/acpi/arm64/iort.c')
    const tables = cutBetween(
      kernelFile(release, 'include/acpi/actbl2.h'),
      'struct acpi_table_iort {',
      'struct acpi_iort_rmr_desc {',
    )
    const kernel = FUNCTIONS.map((name) => cutFunction(source, name)).join('\n')
    const oracle = new Oracle(withStubs('iort/stubs.c', kernel).replace('/* TABLES */', () => tables))
    oracles.push(oracle)
    const draw = new Draw(SEED)
    const parsed = parseRelease(release)
    if (!parsed) throw new Error(release)
    const comparison = new Comparison()
    let unknownWithoutDamage = 0
    while (comparison.asked < QUESTIONS) {
      const drawn = Array.from({ length: 500 }, () => drawIort(draw))
      const lines = oracle.ask(Buffer.concat(drawn.map(questionsOf)))
      let at = 0
      for (const { bytes, questions, wild } of drawn) {
        const iort = parseIort(bytes, 'IORT')
        for (const question of questions) {
          const theirs = kernelAnswer(lines[at++] ?? '')
          const ours = ourAnswer(iort, question, parsed)
          if (ours.startsWith('unknown')) {
            comparison.unknown++
            // A loop, or a node read as what it is not, has no answer worth giving.
            if (!wild && theirs !== 'loop' && theirs !== 'fault') unknownWithoutDamage++
          } else if (ours === theirs || (ours === 'empty-its-group' && isEmptyGroup(theirs))) comparison.equal++
          else
            comparison.differs(
              `${ours.replaceAll(/\d+/g, 'N')} where the kernel says ${theirs.replaceAll(/\d+/g, 'N')}`,
              () => JSON.stringify({ ...question, ours, theirs, table: Buffer.from(bytes).toString('hex') }),
            )
        }
      }
    }
    console.log(
      `iort_node_map_id ${release}: ${comparison.asked} questions, ${comparison.equal} equal, ` +
        `${comparison.unknown} unknown of ours, ${unknownWithoutDamage} of them without damage`,
    )
    expect(comparison.differences).toEqual([])
    expect(comparison.unknown).toBeLessThan(comparison.asked / 10)
  })
})
