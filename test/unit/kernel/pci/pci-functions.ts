import { absent, known, unreadable, type Fact } from '../../../../src/machine/fact.js'
import { parsePciAddress } from '../../../../src/machine/identifiers.js'
import type { AcsCapability, ConfigurationSpace, PciePortType, PciFunction } from '../../../../src/machine/pci.js'

export interface FunctionLiteral {
  /** `06:01.0`. */
  readonly at: string
  /** Names of the bridges above, nearest last. */
  readonly below?: readonly string[] | 'UNREADABLE'
  readonly ids?: readonly [vendor: number, device: number] | 'UNREADABLE'
  readonly subsystem?: readonly [vendor: number | 'UNREADABLE', device: number | 'UNREADABLE']
  readonly classCode?: number | 'UNREADABLE'
  /** Port type; `conventional` has no PCI Express capability, `header` is a 64-byte read, `none` no configuration. */
  readonly type?: PciePortType | 'conventional' | 'header' | 'none'
  readonly secondaryBus?: number
  /** By default 1 with a secondary bus, else 0. */
  readonly headerType?: 0 | 1 | 2
  readonly multifunctionBit?: boolean
  /** ACS capability and control; absent by default. */
  readonly acs?: readonly [capability: number, control: number] | 'UNREADABLE'
  /** Name of the physical function; the string `UNREADABLE` is a link that could not be read. */
  readonly physicalFunction?: string
  /** Path of the device above the root bus. */
  readonly parentPath?: string
  readonly rootBus?: 'UNREADABLE' | 'ABSENT'
  readonly deviceTreeNode?: string
}

const PERMISSION = unreadable('permission')

function configuration(literal: FunctionLiteral): Fact<ConfigurationSpace> {
  const { type = 'endpoint', acs, secondaryBus } = literal
  if (type === 'none') return PERMISSION
  const header = type === 'header'
  const capability = <T>(): Fact<T> => (header ? PERMISSION : absent())
  const control = (pair: readonly [number, number]): AcsCapability => ({
    offset: 0x100,
    capability: pair[0],
    control: pair[1],
  })
  return known({
    extent: header ? 'header' : 'extended',
    headerType: literal.headerType ?? (secondaryBus === undefined ? 0 : 1),
    multifunctionBit: literal.multifunctionBit ?? false,
    busMaster: true,
    revision: 0,
    ...(secondaryBus === undefined ? {} : { bridge: { primaryBus: 0, secondaryBus, subordinateBus: secondaryBus } }),
    pcie: header || type === 'conventional' ? capability() : known({ offset: 0x40, portType: type }),
    msi: capability(),
    msix: capability(),
    enhancedAllocation: capability(),
    acs: acs === 'UNREADABLE' ? PERMISSION : acs ? known(control(acs)) : capability(),
    ari: capability(),
    ats: capability(),
    sriov: capability(),
    pri: capability(),
    pasid: capability(),
  })
}

const numberOf = (value: number | 'UNREADABLE' | undefined): Fact<number> =>
  value === undefined ? absent() : value === 'UNREADABLE' ? PERMISSION : known(value)

/** A function from what matters of it; everything else is absent. */
export function pciFunction(literal: FunctionLiteral): PciFunction {
  const address = parsePciAddress(literal.at)
  if (!address) throw new Error(literal.at)
  const { below = [], ids = [0x1b36, 0x0010], subsystem, classCode = 0x020000, physicalFunction } = literal
  const name = literal.at.length > 7 ? literal.at : `0000:${literal.at}`
  return {
    address,
    name,
    vendor: ids === 'UNREADABLE' ? PERMISSION : known(ids[0]),
    device: ids === 'UNREADABLE' ? PERMISSION : known(ids[1]),
    subsystemVendor: numberOf(subsystem?.[0]),
    subsystemDevice: numberOf(subsystem?.[1]),
    classCode: numberOf(classCode),
    revision: known(0),
    configuration: configuration(literal),
    upstream:
      below === 'UNREADABLE'
        ? PERMISSION
        : known(below.map((bridge) => (bridge.length > 7 ? bridge : `0000:${bridge}`))),
    rootBus:
      literal.rootBus === 'UNREADABLE'
        ? PERMISSION
        : literal.rootBus === 'ABSENT'
          ? absent()
          : known({
              name: 'pci0000:00',
              parentPath: literal.parentPath ?? 'devices/platform/4010000000.pcie',
              deviceTreeNode: absent(),
            }),
    driver: absent(),
    iommuGroup: absent(),
    iommu: absent(),
    physicalFunction:
      physicalFunction === undefined
        ? absent()
        : physicalFunction === 'UNREADABLE'
          ? PERMISSION
          : known(physicalFunction),
    sriovNumVfs: absent(),
    sriovTotalVfs: absent(),
    msiVectors: absent(),
    deviceTreeNode: literal.deviceTreeNode === undefined ? absent() : known(literal.deviceTreeNode),
    numaNode: absent(),
    driverOverride: absent(),
    resetMethod: absent(),
    vfioDevice: absent(),
  }
}
