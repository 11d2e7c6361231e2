import type { AcpiTables } from '../machine/acpi.js'
import { compatibleOf, type DeviceTree } from '../machine/devicetree.js'
import { absent, known, valueOr, type Fact } from '../machine/fact.js'
import type { Dmi, KernelFacts, VirtualizationHints } from '../machine/kernel.js'
import type { PciFunction } from '../machine/pci.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { readAttribute, readLines } from './attribute.js'
import { controlDomainInLog, hypervisorInLog } from './hypervisor-log.js'
import { hypervisorCalled, isRented } from './virtual-names.js'

const DMI = 'sys/class/dmi/id'
const VIRTIO_VENDOR = 0x1af4

/** QEMU's `virt` boards, which exist nowhere else. */
const EMULATED_BOARDS: readonly string[] = ['linux,dummy-virt', 'riscv-virtio']
/** `vendor,board`. */
const BOARD_NAME = /^[\w.+-]{1,40},[\w.,+-]{1,80}$/
/** Names of boards that hypervisors and simulators make up. */
const VIRTUAL_BOARD =
  /emulated|virt|dummy|qemu|xen|kvm|jailhouse|hypervisor|gunyah|crosvm|firecracker|bhyve|parallels|[,-]vm\b|[,-]fvp|foundation-aarch64|rtsm|simics|vexpress/i
const STARTED_AT_EL2 = 'CPU: All CPU(s) started at EL2'
const KVM = 'dev/kvm'
const TREE_HYPERVISORS: readonly (readonly [RegExp, string])[] = [
  [/^linux,kvm$/, 'kvm'],
  [/^xen,xen/, 'xen'],
  [/^microsoft,hyperv/, 'hyper-v'],
  [/^vmware$/, 'vmware'],
]

function yes(hypervisor: string | undefined, evidence: string, fact: Fact<unknown>): VirtualizationHints {
  return {
    virtualized: 'yes',
    ...(hypervisor === undefined ? {} : { hypervisor }),
    evidence: known(evidence, ...fact.from),
  }
}

function fromDmi(vendor: Fact<string>, product: Fact<string>): VirtualizationHints | undefined {
  for (const fact of [vendor, product]) {
    if (fact.state !== 'known') continue
    const found = hypervisorCalled(fact.value)
    if (found !== undefined) return yes(found, `DMI names the machine ${fact.value}`, fact)
  }
  return vendor.state === 'known' && product.state === 'known' && isRented(vendor.value, product.value)
    ? yes('kvm', `DMI names the machine ${vendor.value} ${product.value}`, vendor)
    : undefined
}

function fromLog(log: Fact<readonly string[]>): VirtualizationHints | undefined {
  const found = hypervisorInLog(log)
  return found && yes(found.hypervisor, found.words, log)
}

/** Microsoft's kernels for WSL 2 run as guests of Hyper-V alone. */
function fromRelease(release: Fact<string>): VirtualizationHints | undefined {
  return release.state === 'known' && /-microsoft-standard(?:-WSL2)?\b/i.test(release.value)
    ? yes('hyper-v', `the kernel is ${release.value}`, release)
    : undefined
}

function fromTree(tree: Fact<DeviceTree>): VirtualizationHints | undefined {
  if (tree.state !== 'known') return undefined
  const node = tree.value.byPath.get('/hypervisor')
  if (node) {
    const compatible = compatibleOf(node)
    const found = TREE_HYPERVISORS.find(([pattern]) => valueOr(compatible, []).some((text) => pattern.test(text)))
    return yes(found?.[1], 'the device tree has a /hypervisor node', compatible)
  }
  const machine = compatibleOf(tree.value.root)
  const board = valueOr(machine, []).find((name) => EMULATED_BOARDS.includes(name))
  return board === undefined ? undefined : yes('qemu', `the device tree is compatible with ${board}`, machine)
}

function fromTables(acpi: AcpiTables): VirtualizationHints | undefined {
  for (const fact of [acpi.madt, acpi.iort]) {
    if (fact.state !== 'known') continue
    const { oemId, oemTableId, signature } = fact.value.header
    if (oemId === 'BOCHS ' || oemTableId === 'BXPC    ') return yes('qemu', `${signature} was written by QEMU`, fact)
  }
  return undefined
}

/**
 * The control domain of Xen (dom0) sees the machine's own tables and devices, but not its IOMMU, and is no guest. Xen
 * itself says so; without that file the names of a real machine do, which no other domain is shown.
 * Source: K: drivers/xen/xenfs/super.c, capabilities_read; xen: docs/misc/arm/device-tree (`xen,xenvm` for other domains).
 *
 * @param maker vendor in DMI; undefined where DMI names a hypervisor
 */
function controlDomainOfXen(
  sysroot: Sysroot,
  type: Fact<string>,
  maker: Fact<string> | undefined,
  tree: Fact<DeviceTree>,
  { log, logInPart }: KernelFacts,
): VirtualizationHints | undefined {
  // Empty in every other domain.
  const capabilities = readLines(sysroot, 'proc/xen', 'capabilities', true)
  const control = (words: string, ...facts: readonly Fact<unknown>[]): VirtualizationHints => ({
    virtualized: 'no',
    hypervisor: 'xen',
    controlDomain: true,
    evidence: known(words, ...facts.flatMap((fact) => fact.from)),
  })
  if (capabilities.state === 'known') {
    return capabilities.value.some((line) => line.split(' ').includes('control_d'))
      ? control('/proc/xen/capabilities says control_d', capabilities)
      : undefined
  }
  const logged = type.state === 'unreadable' ? controlDomainInLog(logInPart?.lines ?? valueOr(log, [])) : undefined
  if (logged !== undefined) return control(logged, log)
  if (type.state !== 'known' || type.value !== 'xen') return undefined
  if (maker?.state === 'known') return control(`Xen runs below, and DMI names the machine ${maker.value}`, type, maker)
  const board = tree.state === 'known' ? compatibleOf(tree.value.root) : undefined
  const names = board?.state === 'known' ? board.value : []
  return board && names.length > 0 && !names.some((name) => name.startsWith('xen,'))
    ? control(`Xen runs below, and the device tree is compatible with ${names.join(', ')}`, type, board)
    : undefined
}

/** The CPU flags of x86's first processor; undefined on others. */
function x86Flags(cpuinfo: Fact<readonly string[]>): readonly string[] | undefined {
  const line = valueOr(cpuinfo, []).find((text) => /^flags\s*:/.test(text))
  return line
    ?.slice(line.indexOf(':') + 1)
    .trim()
    .split(' ')
}

/** The names of system vendor and product. Serial numbers are never read. */
export function probeDmi(sysroot: Sysroot): Dmi {
  return {
    vendor: readAttribute(sysroot, DMI, 'sys_vendor'),
    product: readAttribute(sysroot, DMI, 'product_name'),
  }
}

/** DMI names a maker that is no hypervisor's. `cpuinfo` is x86's, without the hypervisor flag. */
function namedByMaker(
  vendor: Fact<string>,
  product: Fact<string>,
  type: Fact<string>,
  cpuinfo: Fact<unknown> | undefined,
): Fact<string> | undefined {
  if (vendor.state !== 'known' || product.state !== 'known' || type.state !== 'absent') return undefined
  return cpuinfo
    ? known(`${vendor.value}; the CPU has no hypervisor flag`, ...vendor.from, ...cpuinfo.from)
    : known(vendor.value, ...vendor.from)
}

/** On Arm the hypervisor mode is the kernel's own: it started there, or KVM has it. A guest gets it by nesting only. */
function runsOwnGuests({ log, deviceNodes, architecture }: KernelFacts): Fact<string> | undefined {
  const started = valueOr(log, []).find((line) => line === STARTED_AT_EL2)
  if (started !== undefined) return known(started, ...log.from)
  const isArm = architecture.state === 'known' && architecture.value === 'arm64'
  return isArm && deviceNodes.state === 'known' && deviceNodes.value.has(KVM)
    ? known(`/${KVM} is there`, ...deviceNodes.from)
    : undefined
}

/** The tree is that of a board that somebody builds: it has names, and none is one that hypervisors and models use. */
function realBoard(tree: Fact<DeviceTree>): Fact<string> | undefined {
  if (tree.state !== 'known') return undefined
  const names = compatibleOf(tree.value.root)
  if (names.state !== 'known') return undefined
  const [board] = names.value
  const isBuilt = names.value.every((name) => BOARD_NAME.test(name) && !VIRTUAL_BOARD.test(name))
  return board !== undefined && isBuilt ? known(`the device tree is that of ${board}`, ...names.from) : undefined
}

/**
 * Whether this machine is a guest: then its interrupt remapping is its hypervisor's word (beyond-kernel.md H16). Any
 * single hint says yes. No is said only where something speaks against it (DMI names another vendor, and on x86 the CPU has
 * no hypervisor flag; on Arm the kernel has the hypervisor mode; the device tree is that of a board that is built), no virtio
 * function is there, and no place that could hold a hint was unreadable.
 */
export function probeVirtualization(
  sysroot: Sysroot,
  { vendor, product }: Dmi,
  cpuinfo: Fact<readonly string[]>,
  functions: Fact<readonly PciFunction[]>,
  acpi: AcpiTables,
  tree: Fact<DeviceTree>,
  kernel: KernelFacts,
): VirtualizationHints {
  const type = readAttribute(sysroot, 'sys/hypervisor', 'type')
  const flags = x86Flags(cpuinfo)
  const maker = fromDmi(vendor, product) === undefined ? vendor : undefined
  const control = controlDomainOfXen(sysroot, type, maker, tree, kernel)
  if (control) return control
  const found =
    (type.state === 'known' ? yes(type.value, `/sys/hypervisor/type says ${type.value}`, type) : undefined) ??
    fromDmi(vendor, product) ??
    fromTree(tree) ??
    fromTables(acpi) ??
    fromLog(kernel.log) ??
    fromRelease(kernel.release) ??
    (flags?.includes('hypervisor') ? yes(undefined, 'the CPU has the hypervisor flag', cpuinfo) : undefined)
  if (found) return found

  const open = [vendor, product, type, cpuinfo]
  const unknown: VirtualizationHints = {
    virtualized: 'unknown',
    evidence: absent(...open.flatMap((fact) => fact.from)),
  }
  const against =
    namedByMaker(vendor, product, type, flags === undefined ? undefined : cpuinfo) ??
    runsOwnGuests(kernel) ??
    realBoard(tree)
  const hidden = [vendor, product, type, tree, acpi.madt, acpi.iort].some((fact) => fact.state === 'unreadable')
  if (!against || hidden || functions.state !== 'known' || cpuinfo.state !== 'known') return unknown
  const hasVirtio = functions.value.some(({ vendor: id }) => id.state !== 'known' || id.value === VIRTIO_VENDOR)
  return hasVirtio ? unknown : { virtualized: 'no', evidence: against }
}
