import { describe, expect, test } from 'vitest'
import { probeMachine } from '../../../src/probes/machine.js'
import { buildReport } from '../../../src/report/probe/build.js'
import { sysrootOf, text, tree, type TestCase } from '../rules/metal.js'

const CARD = '0000:01:00.0'
const BLOB = 'sys/firmware/fdt'
const BASE = 'sys/firmware/devicetree/base'
type Edit = NonNullable<TestCase['edit']>
type Files = Parameters<Edit>[0]

/** The directory of the host bridge's node. */
function bridgeOf(files: Files): string {
  const map = [...files.keys()].find((path) => path.startsWith(BASE) && path.endsWith('/msi-map'))
  if (map === undefined) throw new Error('no host bridge')
  return map.slice(0, -'/msi-map'.length)
}

/** As Linux 6.18 with CONFIG_PCI_DYNAMIC_OF_NODES shows a port and the card below it: no `name`, and no link. */
const withNodes =
  (more: (files: Files) => void = () => {}, port = 'pci@1,0'): Edit =>
  (files) => {
    const bridge = bridgeOf(files)
    const own = (name: string) =>
      [...files.keys()].find((path) => path.startsWith('sys/devices/') && path.endsWith(`${name}/uevent`)) ?? ''
    for (const [fn, node] of [
      ['0000:00:01.0', `${bridge}/${port}`],
      [CARD, `${bridge}/${port}/dev@0,0`],
    ] as const) {
      for (const [property, value] of [
        ['compatible', 'pci1b36,c\0pciclass,060400\0'],
        ['reg', '\0'.repeat(20)],
      ] as const) {
        files.set(`${node}/${property}`, text(value))
      }
      const uevent = files.get(own(fn))
      if (uevent?.kind !== 'file' || !(uevent.content instanceof Uint8Array)) throw new Error(`no uevent of ${fn}`)
      const lines = new TextDecoder().decode(uevent.content)
      files.set(own(fn), text(`${lines}OF_NAME=pci\nOF_FULLNAME=${node.slice(BASE.length)}\n`))
    }
    more(files)
  }

function verdictOf(edit: Edit) {
  const report = buildReport(probeMachine(sysrootOf({ machine: tree(), edit })))
  return report.devices.find(({ address }) => address === CARD)?.verdict
}

describe('a node that the kernel made for a bridge or device', () => {
  test('is whole without a name, and its function needs no link to it', () => {
    expect(verdictOf(() => {})).toBe('isolated')
    expect(verdictOf(withNodes())).toBe('isolated')
  })

  test('is one that was cut where no blob bears witness that firmware does not describe it', () => {
    expect(verdictOf(withNodes((files) => files.delete(BLOB)))).toBe('unknown')
    expect(verdictOf(withNodes((files) => files.set(BLOB, text('no blob'))))).toBe('unknown')
  })

  test('is no other node: what has no name and is called otherwise was cut', () => {
    expect(verdictOf(withNodes(() => {}, 'port@1'))).toBe('unknown')
  })

  test('does not excuse a node that the blob has and whose name is gone', () => {
    const cut: Edit = (files) => {
      files.delete(`${bridgeOf(files)}/name`)
    }
    expect(verdictOf(cut)).toBe('unknown')
  })
})
