import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import type { Described } from '../../../../src/kernel/msi/described-msi.js'
import { inheritedUnderTree, mappedByTree, treeBusDefault } from '../../../../src/kernel/msi/msi-domain-devicetree.js'
import { msiControllersOf } from '../../../../src/kernel/msi/msi-controllers.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { PciFunction } from '../../../../src/machine/pci.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf } from '../../rules/metal.js'
import { deviceTree, nodeAt, type NodeLiteral, type PropertyValue } from '../devicetree/device-tree-nodes.js'
import { pciFunction, type FunctionLiteral } from '../pci/pci-functions.js'

const MACHINE = probeMachine(sysrootOf({ machine: arm({ kernel: { log: false } }) }))
const [ITS, SECOND, DISABLED, STRANGE, BARE] = [1, 2, 3, 4, 5]
const ALL = (to: number, out = 0): readonly number[] => [0, to, out, 0x10000]
const CLOSED = unreadable('permission')
const BRIDGE = '/soc/pcie'

const itsNode = (phandle: number, more: NodeLiteral = {}): NodeLiteral => ({
  compatible: 'arm,gic-v3-its',
  'msi-controller': [],
  '#msi-cells': [1],
  phandle: [phandle],
  reg: [0, 0x8080000 + phandle * 0x20000, 0, 0x20000],
  ...more,
})

interface Situation {
  readonly msiMap?: PropertyValue
  readonly msiParent?: PropertyValue
  /** Of the bus above the host bridge, of the root, of the port, and of the function's own node. */
  readonly above?: NodeLiteral
  readonly root?: NodeLiteral
  readonly port?: NodeLiteral
  readonly own?: NodeLiteral
  readonly bridge?: NodeLiteral
  readonly release?: string
  /** Device-tree nodes that the kernel gives function and port. */
  readonly nodeOf?: Fact<string>
  readonly upstream?: Fact<readonly string[]>
}

type Asked = Parameters<typeof mappedByTree>

/** The function 01:00.0 below the port 00:01.0, with RequesterID 0x100, asked with 'ask'. */
function answerOf(at: Situation, ask: (...asked: Asked) => Described | undefined): Described | undefined {
  const { release = '6.12.0', nodeOf = known(`${BRIDGE}/port/own`), upstream = known(['0000:00:01.0']) } = at
  const tree = deviceTree({
    '#address-cells': [2],
    '#size-cells': [2],
    ...at.root,
    'its@0': itsNode(ITS),
    'its@1': itsNode(SECOND),
    'its@2': itsNode(DISABLED, { status: 'disabled' }),
    'its@3': itsNode(STRANGE, { compatible: 'UNREADABLE' }),
    bare: { phandle: [BARE] },
    soc: {
      ...at.above,
      pcie: {
        compatible: 'pci-host-ecam-generic',
        ...(at.msiMap !== undefined && { 'msi-map': at.msiMap }),
        ...(at.msiParent !== undefined && { 'msi-parent': at.msiParent }),
        ...at.bridge,
        port: { ...at.port, own: { ...at.own } },
      },
    },
  })
  const rootBus = known({ name: 'pci0000:00', parentPath: 'devices/platform/soc/pcie', deviceTreeNode: known(BRIDGE) })
  const port: PciFunction = {
    ...pciFunction({ at: '00:01.0', secondaryBus: 1, type: 'root-port' }),
    rootBus,
    deviceTreeNode: at.port ? known(`${BRIDGE}/port`) : absent(),
  }
  const fn: PciFunction = { ...pciFunction({ at: '01:00.0' }), rootBus, upstream, deviceTreeNode: nodeOf }
  const kernel = { ...MACHINE.kernel, release: known(release) }
  const context = contextOf({ ...MACHINE, kernel, deviceTree: known(tree), functions: known([port, fn]) })
  return ask(context, tree, nodeAt(tree, BRIDGE), fn, 0x100, msiControllersOf(context))
}

function answer(at: Situation, ask: (...asked: Asked) => Described | undefined): string {
  const described = answerOf(at, ask)
  if (described === undefined) return 'nothing'
  if (described.state === 'undecided') return described.doubt
  const { controller, deviceId, deviceIdGuessed } = described.value
  return [
    controller?.id ?? 'none',
    ...(deviceId === undefined ? [] : [deviceId]),
    ...(deviceIdGuessed ? ['guessed'] : []),
  ].join(' ')
}

/** K: drivers/of/irq.c, of_msi_xlate, over the nodes of the device and of all its parents; devicetree.md section 3. */
describe('what the tree maps a function to', () => {
  it.each<[string, Situation, string]>([
    ['the map of the host bridge', { msiMap: ALL(ITS, 0x2000) }, '/its@0 8448'],
    [
      'the map of the function itself, which is nearest',
      { msiMap: ALL(ITS), own: { 'msi-map': ALL(SECOND) } },
      '/its@1 256',
    ],
    ['the map of the bridge above it', { msiMap: ALL(ITS), port: { 'msi-map': ALL(SECOND) } }, '/its@1 256'],
    [
      'the map of the function before that of the bridge',
      { own: { 'msi-map': ALL(ITS) }, port: { 'msi-map': ALL(SECOND) } },
      '/its@0 256',
    ],
    ['the map of the bus above the host bridge', { above: { 'msi-map': ALL(SECOND) } }, '/its@1 256'],
    // The root node is the platform bus, no device (K: drivers/of/platform.c, of_device_alloc).
    ['no map of the root', { root: { 'msi-map': ALL(SECOND) } }, 'nothing'],
    ['no map at all', {}, 'nothing'],
    ['a map that does not hold it', { msiMap: [0, ITS, 0, 8] }, 'nothing'],
    ['a map to what Linux has no domain of', { msiMap: ALL(DISABLED) }, 'nothing'],
    ['a map to what is no controller', { msiMap: ALL(BARE) }, 'nothing'],
    ['a map to what may be any controller', { msiMap: ALL(STRANGE) }, 'unreadable'],
    ['a map that cannot be read', { msiMap: 'UNREADABLE' }, 'unreadable'],
    ['a node of the function that cannot be read', { msiMap: ALL(ITS), nodeOf: CLOSED }, 'unreadable'],
    ['a node of the function that the tree has not', { msiMap: ALL(ITS), nodeOf: known('/gone') }, 'unreadable'],
    [
      'a function without a node',
      { msiMap: ALL(ITS), own: { 'msi-map': ALL(SECOND) }, nodeOf: absent() },
      '/its@0 256',
    ],
    // A bridge that nobody knows of may have had the answer.
    ['bridges that cannot be read', { msiMap: ALL(ITS), upstream: CLOSED }, 'unreadable'],
    ['a bridge that is not there', { msiMap: ALL(ITS), upstream: known(['0000:00:07.0']) }, 'unreadable'],
    ['no bridge', { msiMap: ALL(ITS), port: { 'msi-map': ALL(SECOND) }, upstream: known([]) }, '/its@0 256'],
    // msi-parent counts in this walk from 6.18 on, where its target takes no cells.
    ['msi-parent of the host bridge before 6.18', { msiParent: [BARE], release: '6.17.0' }, 'nothing'],
    [
      'msi-parent of the bus above on a release that nobody knows',
      { above: { 'msi-parent': [BARE] }, release: 'custom' },
      'kernel-unknown',
    ],
  ])('%s', (_, at, expected) => {
    expect(answer(at, mappedByTree)).toBe(expected)
  })
})

/** K: drivers/pci/of.c, pci_host_bridge_of_msi_domain: msi-parent, then a domain under the node of the bridge itself. */
describe('what the host bridge gives every function', () => {
  const DESIGNWARE = { compatible: 'snps,dw-pcie' }
  it.each<[string, Situation, string]>([
    ['msi-parent, with the RequesterID as DeviceID', { msiParent: [ITS, 0] }, '/its@0 256'],
    ['the first of msi-parent that has a domain', { msiParent: [DISABLED, 0, SECOND, 0] }, '/its@1 256'],
    ['a DeviceID that a map has', { msiParent: [ITS, 0], msiMap: ALL(ITS, 0x2000) }, '/its@0 8448'],
    ['one that a map has not', { msiParent: [ITS, 0], msiMap: [0, ITS, 0, 8] }, '/its@0 256 guessed'],
    [
      'one that a map of another controller has not',
      { msiParent: [ITS, 0], msiMap: ALL(SECOND) },
      '/its@0 256 guessed',
    ],
    ['one that a map has which cannot be read', { msiParent: [ITS, 0], msiMap: 'UNREADABLE' }, 'unreadable'],
    ['nothing', {}, 'none'],
    ['msi-parent to what has no domain', { msiParent: [DISABLED, 0] }, 'none'],
    ['msi-parent to what may be any controller', { msiParent: [STRANGE, 0] }, 'unreadable'],
    ['msi-parent that cannot be read', { msiParent: 'UNREADABLE' }, 'unreadable'],
    // 6.9 to 6.11 had the change of 6.12 in an update: whether the cells are passed over is not known.
    ['msi-parent that a release may not read', { msiParent: [ITS, 0], release: '6.9.0' }, 'kernel-unknown'],
    ['a receiver of its own', { bridge: DESIGNWARE }, BRIDGE],
    [
      'msi-parent before a receiver of its own',
      { bridge: { compatible: 'nvidia,tegra210-pcie' }, msiParent: [ITS, 0] },
      '/its@0 256',
    ],
    ['a bridge that may have any receiver', { bridge: { compatible: 'UNREADABLE' } }, 'unreadable'],
  ])('%s', (_, at, expected) => {
    expect(answer(at, treeBusDefault)).toBe(expected)
  })
})

/** K: drivers/irqchip/irq-gic-its-msi-parent.c asks of_msi_map_id for the DeviceID, whatever gave the domain. */
describe('the DeviceID at the controller of a bridge above', () => {
  const under: (name: string) => typeof mappedByTree =
    (name) => (context, tree, bridge, fn, requesterId, controllers) => {
      const controller = controllers.all.find(({ id }) => id === name)
      if (!controller) throw new Error(`no controller ${name}`)
      return inheritedUnderTree(context, tree, bridge, fn, requesterId, controller)
    }
  it.each<[string, Situation, string]>([
    ['is what a map says', { msiMap: ALL(SECOND, 0x3000) }, '/its@1 12544'],
    ['is the RequesterID where no map is', {}, '/its@1 256'],
    ['is the RequesterID where the map is of another', { msiMap: ALL(ITS, 0x3000) }, '/its@1 256 guessed'],
    ['is not known where the map cannot be read', { msiMap: 'UNREADABLE' }, 'unreadable'],
  ])('%s', (_, at, expected) => {
    expect(answer(at, under('/its@1'))).toBe(expected)
  })
  it('is the RequesterID at a controller that no tree has', () => {
    const ofAcpi: typeof mappedByTree = (context, tree, bridge, fn, requesterId, controllers) => {
      const [some] = controllers.all
      if (!some) throw new Error('there are controllers')
      return inheritedUnderTree(context, tree, bridge, fn, requesterId, { ...some, id: 'acpi', node: undefined })
    }
    expect(answer({ msiMap: ALL(ITS, 0x3000) }, ofAcpi)).toBe('acpi 256 guessed')
  })
})

// K: of_msi_xlate goes from the device upwards: of two bridges with a map the nearer one is asked first.
it('the nearer of two bridges maps a function', () => {
  const rootBus = known({ name: 'pci0000:00', parentPath: 'devices/platform/pcie', deviceTreeNode: known('/pcie') })
  const tree = deviceTree({
    'its@0': itsNode(ITS),
    'its@1': itsNode(SECOND),
    pcie: { port: { 'msi-map': ALL(ITS), switch: { 'msi-map': ALL(SECOND) } } },
  })
  const at = (literal: FunctionLiteral, node: Fact<string>) => ({
    ...pciFunction(literal),
    rootBus,
    deviceTreeNode: node,
  })
  const port = at({ at: '00:01.0', secondaryBus: 1, type: 'root-port' }, known('/pcie/port'))
  const nearer = at(
    { at: '01:00.0', secondaryBus: 2, type: 'upstream-port', below: ['00:01.0'] },
    known('/pcie/port/switch'),
  )
  const fn = at({ at: '02:00.0', below: ['00:01.0', '01:00.0'] }, absent())
  const context = contextOf({ ...MACHINE, deviceTree: known(tree), functions: known([port, nearer, fn]) })
  const described = mappedByTree(context, tree, nodeAt(tree, '/pcie'), fn, 0x200, msiControllersOf(context))
  expect(described).toMatchObject({ state: 'decided', value: { controller: { id: '/its@1' } } })
})

it('what a tree leads to names the properties and nodes that it rests on', () => {
  const places = (at: Situation, ask: (...asked: Asked) => Described | undefined) =>
    (answerOf(at, ask)?.from ?? []).map(({ path }) => path.replace('sys/firmware/devicetree/base', ''))
  const [MAP, PARENT] = [`${BRIDGE}/msi-map`, `${BRIDGE}/msi-parent`]
  expect(places({ msiMap: ALL(ITS) }, mappedByTree)).toEqual([MAP, '/its@0'])
  expect(places({ msiParent: [ITS, 0] }, treeBusDefault)).toEqual([PARENT, '/its@0'])
  expect(places({}, treeBusDefault)).toEqual([MAP, PARENT])
  expect(places({ bridge: { compatible: 'snps,dw-pcie' } }, treeBusDefault)).toEqual([BRIDGE, BRIDGE])
  const inherited: typeof mappedByTree = (context, tree, bridge, fn, requesterId, controllers) => {
    const controller = controllers.all.find(({ id }) => id === '/its@0')
    return controller && inheritedUnderTree(context, tree, bridge, fn, requesterId, controller)
  }
  expect(places({ msiMap: ALL(ITS) }, inherited)).toEqual([MAP, '/its@0', '/its@0'])
  expect(places({ msiMap: 'UNREADABLE' }, inherited)).toEqual([MAP])
})
