import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import { msiControllersOf } from '../../../../src/kernel/msi/msi-controllers.js'
import { describedMsi } from '../../../../src/kernel/msi/msi-domain.js'
import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import type { IdMapping, IortTable } from '../../../../src/machine/iort.js'
import type { Architecture } from '../../../../src/machine/kernel.js'
import type { Machine } from '../../../../src/machine/machine.js'
import type { PciFunction } from '../../../../src/machine/pci.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf } from '../../rules/metal.js'
import { deviceTree } from '../devicetree/device-tree-nodes.js'
import { group, mapping, rc, tableOf } from '../iort/iort-nodes.js'
import { pciFunction, type FunctionLiteral } from '../pci/pci-functions.js'

const MACHINE = probeMachine(sysrootOf({ machine: arm() }))
const CLOSED = unreadable('permission')

interface Situation {
  readonly architecture?: Fact<Architecture>
  readonly release?: string
  readonly iort?: Fact<IortTable>
  readonly log?: readonly string[]
  readonly literal?: Partial<FunctionLiteral>
  readonly rootBus?: PciFunction['rootBus']
  readonly more?: Partial<Machine>
}

const iort = (over: Partial<IdMapping>) =>
  known(tableOf(rc([mapping({ outputReference: 300, ...over })]), group(300, [0])))
/** One DeviceID for every function: it does not ask for a RequesterID, which has to be known all the same. */
const SINGLE = iort({ singleMapping: true, outputBase: 0x42 })

/** The function 01:00.0 of segment 0, below a host bridge of which firmware says what the situation has. */
function domain(at: Situation): string {
  const { architecture = known('arm64'), release = '6.12.0', iort: table = SINGLE, log = [], literal, rootBus } = at
  const vmd = pciFunction({ at: '00:0e.0' })
  const ports = [
    pciFunction({ at: '00:01.0', ids: 'UNREADABLE', type: 'root-port', secondaryBus: 1 }),
    pciFunction({ at: '00:02.0', type: 'root-port', secondaryBus: 1 }),
  ]
  const plain = pciFunction({ at: '01:00.0', ...literal })
  const fn = { ...plain, rootBus: rootBus ?? plain.rootBus }
  const context = contextOf({
    ...MACHINE,
    kernel: { ...MACHINE.kernel, architecture, release: known(release), log: known(log) },
    acpi: { ...MACHINE.acpi, iort: table },
    functions: known([vmd, ...ports, fn]),
    ...at.more,
  })
  const found = describedMsi(context, fn, msiControllersOf(context))
  if (found.state === 'undecided') return found.doubt
  const { controller, payloadChecked, deviceId } = found.value
  return [controller?.key ?? 'none', payloadChecked, ...(deviceId === undefined ? [] : [deviceId])].join(' ')
}

const BEHIND_VMD = { parentPath: 'devices/pci0000:00/0000:00:0e.0' }
/** RequesterID 0x10 alone, that of the port 00:02.0. */
const DANGLING = iort({ inputBase: 0x10, idCount: 0, outputReference: 301 })
const NO_ITS = ['ITS: No ITS available, not enabling LPIs']
/** Up to 5.4 the range ends before the function, and from 5.8 on with it. */
const LAST = iort({ idCount: 0x100 })
const CONTROL_DOMAIN = { ...MACHINE.virtualization, controlDomain: true } as const
const bridgeOf = (deviceTreeNode: Fact<string>) =>
  known({ name: 'pci0000:00', parentPath: 'devices/platform/pcie', deviceTreeNode })

/** kernel-decision.md sections 3 and 4: what nobody can read decides nothing, but where no controller checks a sender. */
describe('the MSI domain of a function', () => {
  it.each<[string, Situation, string]>([
    ['whose firmware leads to an ITS', {}, 'its 0 yes 66'],
    ['of a control domain of Xen', { more: { virtualization: CONTROL_DOMAIN } }, 'hypervisor-owns-iommu'],
    ['of an architecture that cannot be read', { architecture: CLOSED }, 'unreadable'],
    ['of s390, where isolation is a constant', { architecture: known('s390x') }, 'none yes'],
    ['of powerpc, whose firmware decides', { architecture: known('powerpc') }, 'hypervisor-decides'],
    ['of an architecture that nobody here knows', { architecture: known('other') }, 'controller-unknown'],
    ['whose RequesterID nobody can tell', { literal: { below: 'UNREADABLE' } }, 'unreadable'],
    // A device behind a VMD has the RequesterID of the VMD, whatever bridges are between them.
    [
      "whose RequesterID is another's, and whose bridges cannot be read",
      { iort: absent(), literal: { ...BEHIND_VMD, below: 'UNREADABLE' } },
      'unreadable',
    ],
    // The port's numbers are those of the VMD only where it is behind it: then nobody can tell what the port is mapped to.
    [
      'whose bridge has a RequesterID that nobody can tell',
      { iort: absent(), literal: { ...BEHIND_VMD, below: ['00:01.0'] } },
      'unreadable',
    ],
    ['whose bridge leads to what is no node', { iort: DANGLING, literal: { below: ['00:02.0'] } }, 'unreadable'],
    ['whose host bridge may have a node', { rootBus: CLOSED }, 'unreadable'],
    [
      'whose host bridge has one that cannot be read',
      { rootBus: bridgeOf(CLOSED), more: { deviceTree: known(deviceTree({})) } },
      'unreadable',
    ],
    [
      'whose host bridge has one of a tree that cannot be read',
      { rootBus: bridgeOf(known('/pcie')), more: { deviceTree: CLOSED } },
      'unreadable',
    ],
    ['where the IORT is closed', { iort: CLOSED }, 'unreadable'],
    ['where the IORT is closed and no ITS can be used', { iort: CLOSED, log: NO_ITS }, 'gic-without-its no'],
    ['of a release that nobody knows', { iort: LAST, release: 'custom' }, 'kernel-unknown'],
    ['of one where no ITS can be used', { iort: LAST, release: 'custom', log: NO_ITS }, 'kernel-unknown'],
    ['of 32-bit Arm', { architecture: known('arm') }, 'its 0 yes 66'],
    [
      'of RISC-V, of a release that nobody knows',
      { architecture: known('riscv64'), iort: LAST, release: 'custom' },
      'kernel-unknown',
    ],
    ...(['riscv64', 'loongarch64'] as const).flatMap((name): [string, Situation, string][] => [
      [`of ${name}, which has no IORT`, { architecture: known(name), iort: absent() }, 'none no'],
      [`of ${name} where tables are closed`, { architecture: known(name), iort: CLOSED }, 'any-of-architecture no'],
    ]),
  ])('%s', (_, at, expected) => {
    expect(domain(at)).toBe(expected)
  })
})

// K: arch/s390/include/asm/msi.h, arch_is_isolated_msi: true, whoever asks.
it('isolation is a constant on s390 alone', () => {
  const fn = pciFunction({ at: '01:00.0' })
  const isConstant = (architecture: Architecture) => {
    const kernel = { ...MACHINE.kernel, architecture: known(architecture) }
    const context = contextOf({ ...MACHINE, kernel, functions: known([fn]) })
    const found = describedMsi(context, fn, msiControllersOf(context))
    return found.state === 'decided' && found.value.isConstant === true
  }
  expect([isConstant('s390x'), isConstant('arm64'), isConstant('x86_64')]).toEqual([true, false, false])
})
