import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { treeCompiler } from '../../../src/inputs/devicetree-source.js'
import { openFirmwareSource } from '../../../src/inputs/firmware-source.js'
import { temporaryDirectory } from '../../support/temporary-directories.js'

const SOURCE = '/dts-v1/;\n/ { #address-cells = <1>; compatible = "example,board"; };\n'

function fileOf(text: string): string {
  const path = join(temporaryDirectory(), 'board.dts')
  writeFileSync(path, text)
  return path
}

describe.skipIf(treeCompiler() === undefined)('device-tree sources (needs dtc)', () => {
  test.each([
    ['a file of its own', SOURCE],
    ['within a post', `My board:\n\n\`\`\`dts\n${SOURCE}\`\`\`\nThanks!\n`],
  ])('%s is judged as the blob that it makes', async (_, text) => {
    const source = await openFirmwareSource([fileOf(text)], {})
    if (source.kind !== 'files') throw new Error(source.kind)
    expect(source.files.map(({ bytes }) => [...bytes.subarray(0, 4)])).toEqual([[0xd0, 0x0d, 0xfe, 0xed]])
  })

  test('one that does not compile is refused with what dtc says', async () => {
    await expect(openFirmwareSource([fileOf('/dts-v1/;\n/ { = };\n')], {})).rejects.toThrow(/dtc does not compile it/)
  })
})
