import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { walkNodes } from '../../../../src/machine/devicetree.js'
import { parseDeviceTreeBlob } from '../../../../src/probes/devicetree/blob.js'
import { dtcSource, readDtcSource } from './dts-text.js'
import { CORPUS, hasDtc } from '../../../support/outside.js'

const BOARDS = [
  'debian-dtb-7.2/arm/juno.dtb',
  'debian-dtb-7.2/qcom/x1e80100-crd.dtb',
  'debian-dtb-7.2/freescale/fsl-lx2160a-clearfog-cx.dtb',
  'debian-dtb-7.2/broadcom/bcm2712-rpi-5-b.dtb',
  'debian-dtb-7.2/cavium/thunder-88xx.dtb',
  'debian-dtb-6.12/cavium/thunder-88xx.dtb',
].filter((board) => existsSync(`${CORPUS}/${board}`))

const missing = hasDtc ? (BOARDS.length > 0 ? undefined : 'no corpus of boards here') : 'dtc is not installed'

describe.skipIf(missing !== undefined)(
  `blobs against dtc${missing === undefined ? '' : ` (not run: ${missing})`}`,
  () => {
    test.each(BOARDS)('%s has the nodes and properties that dtc prints, in the same order', (board) => {
      const path = `${CORPUS}/${board}`
      const { tree, damaged, diagnostics } = parseDeviceTreeBlob(readFileSync(path), board)
      expect(diagnostics).toEqual([])
      expect(damaged).toBe(false)
      const nodes = tree ? [...walkNodes(tree.root)] : []
      const read = nodes.map((node) => [
        node.path,
        [...node.properties].map(([name, fact]) => [
          name,
          fact.state === 'known' ? Buffer.from(fact.value).toString('hex') : fact.state,
        ]),
      ])
      expect(nodes.length).toBeGreaterThan(20)
      expect(read).toEqual([...readDtcSource(dtcSource(path))].map(([node, properties]) => [node, [...properties]]))
    })
  },
)
