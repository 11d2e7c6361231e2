import { afterAll, describe, expect, test } from 'vitest'
import { ioApicsInNoScope, scopeWithoutRoom } from '../../../src/kernel/x86/dmar-io-apics.js'
import type { IoApic } from '../../../src/kernel/x86/io-apics.js'
import { checkIoApics, refusedSpecialDevice } from '../../../src/kernel/x86/ivrs-io-apics.js'
import { ivrsQuirkOf } from '../../../src/kernel/x86/ivrs-quirks.js'
import { ivrsWords } from '../../../src/kernel/x86/ivrs-words.js'
import { known } from '../../../src/machine/fact.js'
import { parseDmar } from '../../../src/probes/acpi/dmar.js'
import { parseIvrs } from '../../../src/probes/acpi/ivrs.js'
import { cutBetween, cutFunction } from '../cut.js'
import { Draw } from '../draw.js'
import {
  Comparison,
  kernelFile,
  Oracle,
  QUESTIONS,
  releaseOf,
  RELEASES,
  SEED,
  TIMEOUT,
  withStubs,
  words,
} from '../oracle.js'
import { drawDmar } from './draw-dmar.js'
import { drawIvrs, type IvrsQuestion } from './draw-ivrs.js'

function dmarOracle(release: string): Oracle {
  const source = kernelFile(release, 'drivers/iommu/intel/irq_remapping.c')
  const tables = cutBetween(
    kernelFile(release, 'include/acpi/actbl1.h'),
    'struct acpi_dmar_header {',
    'struct acpi_dmar_reserved_memory {',
  )
  const functions = [
    'ir_parse_one_hpet_scope',
    'ir_parse_one_ioapic_scope',
    'ir_parse_ioapic_hpet_scope',
    'map_ioapic_to_iommu',
    'parse_ioapics_under_ir',
  ]
  const kernel = [
    cutBetween(source, 'struct ioapic_scope {', 'struct irq_2_iommu {'),
    /^#define MAX_HPET_TBS.*$/m.exec(kernelFile(release, 'include/uapi/linux/hpet.h'))?.[0] ?? '',
    'static struct ioapic_scope ir_ioapic[MAX_IO_APICS]; static struct hpet_scope ir_hpet[MAX_HPET_TBS];',
    ...functions.map((name) => cutFunction(source, name)),
  ]
  return new Oracle(withStubs('x86/dmar-stubs.c', kernel.join('\n')).replace('/* TABLES */', () => tables))
}

function ivrsOracle(release: string): Oracle {
  const source = kernelFile(release, 'drivers/iommu/amd/init.c')
  const types = kernelFile(release, 'drivers/iommu/amd/amd_iommu_types.h')
  const quirks = kernelFile(release, 'drivers/iommu/amd/quirks.c')
  const defined = [
    ...source.matchAll(
      /^#define (?:IVHD_\w+|IVRS_HEADER_LENGTH|UID_\w+|ACPI_IV\w+|EARLY_MAP_SIZE|IOAPIC_SB\w+)\s.*$/gm,
    ),
    ...source.matchAll(/^#define IVRS_GET_SBDF_ID.*\\\n.*$/gm),
  ].map(([text]) => text)
  const newer = source.includes('get_sb_ioapic_id(void)')
  const kernel = [
    ...new Set(defined),
    ...['ivhd_header', 'ivhd_entry'].map((name) => `${cutBetween(source, `struct ${name} {`, PACKED)}${PACKED};`),
    'static struct devid_map early_ioapic_map[EARLY_MAP_SIZE], early_hpet_map[EARLY_MAP_SIZE];',
    'static struct acpihid_map_entry early_acpihid_map[EARLY_MAP_SIZE];',
    'static int early_ioapic_map_size, early_hpet_map_size, early_acpihid_map_size; static bool cmdline_maps;',
    cutFunction(types, 'get_ioapic_devid'),
    ...['get_highest_supported_ivhd_type', 'get_ivhd_header_size', 'ivhd_entry_length'].map((name) =>
      cutFunction(source, name),
    ),
    ...['add_special_device', 'add_early_maps', 'init_iommu_from_acpi'].map((name) => cutFunction(source, name)),
    // Linux writes into this table although it calls it constant.
    cutBetween(quirks, 'struct ivrs_quirk_entry {', '#endif').replace(
      'static const struct ivrs_q',
      'static struct ivrs_q',
    ),
    ...(newer ? [cutFunction(source, 'get_sb_ioapic_id')] : []),
    cutFunction(source, 'check_ioapic_information'),
    cutFunction(source, 'parse_ivrs_ioapic'),
  ]
  return new Oracle(withStubs('x86/ivrs-stubs.c', kernel.join('\n')))
}

const PACKED = '__attribute__((packed))'

const encodeText = (text: string) => [text.length, ...Buffer.from(text, 'latin1')]

const encodeQuestion = ({ vendor, product, hygon, ioApics, commandLine }: IvrsQuestion) =>
  words(
    ...encodeText(vendor),
    ...encodeText(product),
    hygon ? 1 : 0,
    ioApics.length,
    ...ioApics.flatMap(({ id, gsiBase }) => [id, gsiBase]),
    commandLine.length,
    ...commandLine.flatMap((word) => encodeText(word.slice('ivrs_ioapic'.length))),
  )

const ioApicOf = (id: number, gsiBase = 0): IoApic => ({ id, gsiBase, address: 0xfec00000, offset: 0, length: 12 })

describe.skipIf(RELEASES.length === 0)('which IO-APICs turn interrupt remapping off', () => {
  const oracles: Oracle[] = []
  afterAll(() => {
    for (const oracle of oracles) oracle.remove()
  })
  const judge = (name: string, release: string, comparison: Comparison) => {
    console.log(`${name} ${release}: ${comparison.summary}`)
    expect(comparison.differences).toEqual([])
    expect(comparison.unknown).toBeLessThan(comparison.asked / 10)
  }

  test.each(RELEASES)(
    `parse_ioapics_under_ir of Linux %s answers ${QUESTIONS} questions as we do`,
    (name) => {
      const oracle = dmarOracle(name)
      oracles.push(oracle)
      const draw = new Draw(SEED)
      const comparison = new Comparison()
      while (comparison.asked < QUESTIONS) {
        const tables = Array.from({ length: 2000 }, () => drawDmar(draw))
        const asked = tables.flatMap(({ bytes, questions }) => [
          words(bytes.length),
          bytes,
          words(questions.length, ...questions.flatMap((ids) => [ids.length, ...ids])),
        ])
        const lines = oracle.ask(Buffer.concat(asked))
        let at = 0
        for (const { bytes, questions } of tables) {
          const dmar = parseDmar(bytes, 'DMAR')
          for (const ids of questions) {
            const theirs = lines[at++] ?? ''
            const missing = ioApicsInNoScope(
              dmar,
              ids.map((id) => ioApicOf(id)),
            )
            const ours = missing.length > 0 || scopeWithoutRoom(dmar) ? 'off' : 'on'
            if (ours === theirs) comparison.equal++
            else
              comparison.differs(`${ours} where the kernel says ${theirs}`, () =>
                JSON.stringify({ ids, table: Buffer.from(bytes).toString('hex') }),
              )
          }
        }
      }
      judge('parse_ioapics_under_ir', name, comparison)
    },
    TIMEOUT,
  )

  test.each(RELEASES)(
    `check_ioapic_information of Linux %s answers ${QUESTIONS} questions as we do`,
    (name) => {
      const oracle = ivrsOracle(name)
      oracles.push(oracle)
      const release = releaseOf(name)
      const draw = new Draw(SEED)
      const comparison = new Comparison()
      while (comparison.asked < QUESTIONS) {
        const tables = Array.from({ length: 2000 }, () => drawIvrs(draw))
        const asked = tables.flatMap(({ bytes, questions }) => [
          words(bytes.length),
          bytes,
          words(questions.length),
          ...questions.map(encodeQuestion),
        ])
        const lines = oracle.ask(Buffer.concat(asked))
        let at = 0
        for (const { bytes, questions } of tables) {
          const ivrs = parseIvrs(bytes, 'IVRS')
          for (const question of questions) {
            const theirs = lines[at++] ?? ''
            const checked = checkIoApics(
              {
                ivrs,
                release,
                words: ivrsWords(question.commandLine, 'ivrs_ioapic'),
                quirk: ivrsQuirkOf({ vendor: known(question.vendor), product: known(question.product) }),
              },
              question.ioApics.map(({ id, gsiBase }) => ioApicOf(id, gsiBase)),
            ).remapping
            const ours = refusedSpecialDevice(ivrs, release) ? 'off' : checked
            if (ours === 'unknown') comparison.unknown++
            else if (ours === theirs) comparison.equal++
            else
              comparison.differs(`${ours} where the kernel says ${theirs}`, () =>
                JSON.stringify({ ...question, table: Buffer.from(bytes).toString('hex') }),
              )
          }
        }
      }
      judge('check_ioapic_information and parse_ivrs_ioapic', name, comparison)
    },
    TIMEOUT,
  )
})
