import { parsePciAddress } from '../../machine/identifiers.js'
import { AcpiTableList } from './acpi-table-list.js'
import type { Place } from './told.js'
import type { ToldMachine } from './told-machine.js'

/** Up to 5.2 `iommu: Adding device … to group 1`; later with the driver that the function had, or `pci` for none. */
const JOINED = /^(?:([\w-]{1,40}) )?([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]): Adding to iommu group (\d{1,9})$/
const JOINED_EARLY = /^iommu: Adding device ([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]) to group (\d{1,9})$/
const LEFT = /^(?:[\w-]{1,40} )?([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]): Removing from iommu group \d{1,9}$/
const FOUND = /^pci ([0-9a-f:.]{12,18}): \[([0-9a-f]{4}):([0-9a-f]{4})\] type 0[0-2] class 0x([0-9a-f]{6})/
const BRIDGE = /^pci ([0-9a-f:.]{12,18}): PCI bridge to \[bus ([0-9a-f]{2})(?:-([0-9a-f]{2}))?\]/
/** K: drivers/acpi/pci_root.c, acpi_pci_root_add: printed only where ACPI describes the machine. */
const ACPI_ROOT =
  /^ACPI: PCI Root Bridge \[[^\]]{1,16}\] \(domain ([0-9a-f]{4}) \[bus ([0-9a-f]{2})(?:-[0-9a-f]{2})?\]\)/
/** K: drivers/pci/of.c, devm_of_pci_get_host_bridge_resources; drivers/pci/probe.c, pci_register_host_bridge. */
const TREE_BRIDGE = /^([\w-]{1,40} [\w.,@-]{1,80}): host bridge (\/[\w.,@/+-]{1,200}) ranges:/
const TREE_ROOT = /^([\w-]{1,40} [\w.,@-]{1,80}): PCI host bridge to bus ([0-9a-f]{4,8}):([0-9a-f]{2})$/

/** What the messages of a boot tell of functions, groups and root buses beside what the kernel log itself is read for. */
export class BootMessages {
  private readonly machine: ToldMachine
  /** The log shows the boot's start, so that no line of it was overwritten. */
  hasStart = false
  /** Paths in the device tree of the host bridges whose drivers started, by driver and device. */
  private readonly treeBridges = new Map<string, string>()
  private readonly tableList = new AcpiTableList()

  constructor(machine: ToldMachine) {
    this.machine = machine
  }

  /** True where the message says something. */
  message(text: string, place: Place): boolean {
    return (
      this.tableList.message(text) ||
      this.membership(text, place) ||
      this.enumeration(text, place) ||
      this.rootBus(text, place)
    )
  }

  /** A line that is no message: others may be missing in its place. */
  interrupted(): void {
    this.tableList.interrupted()
  }

  /** The log is over: hands on what only all of it tells. */
  finish(place: Place): void {
    const signatures = this.hasStart ? this.tableList.whole() : undefined
    if (signatures) this.machine.listTables(signatures, place)
  }

  private membership(text: string, place: Place): boolean {
    const early = JOINED_EARLY.exec(text)
    if (early) return this.joined(early[1] ?? '', early[2] ?? '', undefined, place)
    const joined = JOINED.exec(text)
    if (joined) return this.joined(joined[2] ?? '', joined[3] ?? '', joined[1], place)
    const left = LEFT.exec(text)
    if (!left) return false
    for (const group of this.machine.groups.values()) group.translated.delete(left[1] ?? '')
    return true
  }

  private joined(name: string, id: string, driver: string | undefined, place: Place): boolean {
    const address = parsePciAddress(name)
    const fn = address && this.machine.function(address, place)
    if (!fn) return true
    this.machine.member(fn, id, place, this.hasStart)
    // VFIO's no-IOMMU mode makes a group for what a driver of its own has bound.
    if (driver !== undefined && !driver.includes('vfio')) this.machine.group(id, place)?.translated.set(name, place)
    return true
  }

  private enumeration(text: string, place: Place): boolean {
    const found = FOUND.exec(text)
    if (found) {
      const address = parsePciAddress(found[1] ?? '')
      const fn = address && this.machine.function(address, place)
      if (fn) {
        this.machine.tell(fn, 'vendor', found[2] ?? '', place)
        this.machine.tell(fn, 'device', found[3] ?? '', place)
        // Quirks correct the class of some functions later: a listing knows better.
        fn.earlyClass ??= { value: found[4] ?? '', place }
      }
      return true
    }
    const bridge = BRIDGE.exec(text)
    if (!bridge) return false
    const address = parsePciAddress(bridge[1] ?? '')
    const fn = address && this.machine.function(address, place)
    // Buses are assigned anew while Linux boots: the last line counts.
    fn?.words.set('secondaryBus', { value: bridge[2] ?? '', place })
    fn?.words.set('subordinateBus', { value: bridge[3] ?? bridge[2] ?? '', place })
    return true
  }

  private rootBus(text: string, place: Place): boolean {
    const acpi = ACPI_ROOT.exec(text)
    if (acpi) {
      this.machine.rootBus(`${acpi[1] ?? ''}:${acpi[2] ?? ''}`, 'acpi', place)
      return true
    }
    const bridge = TREE_BRIDGE.exec(text)
    if (bridge) {
      if (this.treeBridges.size < 256) this.treeBridges.set(bridge[1] ?? '', bridge[2] ?? '')
      return true
    }
    const root = TREE_ROOT.exec(text)
    if (!root) return false
    const node = this.treeBridges.get(root[1] ?? '')
    if (node !== undefined) this.machine.rootBus(`${root[2] ?? ''}:${root[3] ?? ''}`, node, place)
    return true
  }
}
