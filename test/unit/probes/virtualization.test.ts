import { describe, expect, it } from 'vitest'
import type { AcpiTables } from '../../../src/machine/acpi.js'
import type { DeviceTree, DeviceTreeNode } from '../../../src/machine/devicetree.js'
import { absent, known, unreadable, type Fact } from '../../../src/machine/fact.js'
import { probeKernel } from '../../../src/probes/kernel.js'
import { probeDmi, probeVirtualization } from '../../../src/probes/virtualization.js'
import { memorySysroot } from '../../../src/sysroot/memory-sysroot.js'

const NO_TABLES: AcpiTables = {
  names: absent(),
  iort: absent(),
  madt: absent(),
  dmar: absent(),
  ivrs: absent(),
  viot: absent(),
  mcfg: absent(),
  rimt: absent(),
}
const X86 = (flags: string): Fact<readonly string[]> => known(['vendor_id\t: GenuineIntel', `flags\t\t: ${flags}`])
const ARM: Fact<readonly string[]> = known(['CPU implementer\t: 0x41'])

function dmi(vendor: string, product: string): Readonly<Record<string, string>> {
  return { 'sys/class/dmi/id/sys_vendor': `${vendor}\n`, 'sys/class/dmi/id/product_name': `${product}\n` }
}

function tree(compatible: string, children: readonly string[] = []): Fact<DeviceTree> {
  const node = (path: string, value: string): DeviceTreeNode => ({
    path,
    name: path,
    source: path,
    parent: undefined,
    properties: new Map([['compatible', known(new TextEncoder().encode(`${value}\0`))]]),
    children: [],
    incomplete: undefined,
  })
  const root = node('/', compatible)
  const byPath = new Map([['/', root], ...children.map((path) => [path, node(path, 'linux,kvm')] as const)])
  return known({ root, byPath, byPhandle: new Map(), complete: true })
}

function hints(
  files: Readonly<Record<string, string>>,
  cpuinfo: Fact<readonly string[]>,
  deviceTree: Fact<DeviceTree> = absent(),
  acpi = NO_TABLES,
  log: Fact<readonly string[]> = absent(),
  nodes: readonly string[] = [],
): string {
  const sysroot = memorySysroot({ kind: 'emulated', name: 'hints' }, files)
  const { virtualized, hypervisor } = probeVirtualization(
    sysroot,
    probeDmi(sysroot),
    cpuinfo,
    known([]),
    acpi,
    deviceTree,
    { ...probeKernel(sysroot, cpuinfo), log, deviceNodes: known(new Set(nodes)), architecture: known('arm64') },
  )
  return hypervisor === undefined ? virtualized : `${virtualized} ${hypervisor}`
}

describe('probeVirtualization', () => {
  it.each([
    ['QEMU', 'Standard PC (Q35 + ICH9, 2009)', 'yes qemu'],
    ['Microsoft Corporation', 'Virtual Machine', 'yes hyper-v'],
    ['Microsoft Corporation', 'Surface Pro', 'no'],
    ['Amazon EC2', 'c7g.large', 'yes kvm'],
    ['Amazon EC2', 'c7g.metal', 'no'],
    ['Google', 'Google Compute Engine', 'yes kvm'],
    ['HPE', 'ProLiant RL300 Gen11', 'no'],
  ])('takes %s %s for %s', (vendor, product, expected) => {
    expect(hints(dmi(vendor, product), ARM)).toBe(expected)
  })

  it('believes the CPU flag, /sys/hypervisor, the tree and QEMU tables', () => {
    expect(hints({}, X86('fpu hypervisor lm'))).toBe('yes')
    expect(hints({ 'sys/hypervisor/type': 'xen\n' }, ARM)).toBe('yes xen')
    expect(hints({}, ARM, tree('linux,dummy-virt'))).toBe('yes qemu')
    expect(hints({}, ARM, tree('riscv-virtio'))).toBe('yes qemu')
    const oem = { oemId: 'BOCHS ', oemTableId: 'BXPC    ', signature: 'APIC', length: 0, revision: 0, oemRevision: 0 }
    const header = { ...oem, checksum: 'ok' } as const
    const base = { header, diagnostics: [], damaged: false, localInterruptControllerAddress: 0, flags: 0, entries: [] }
    expect(hints({}, ARM, absent(), { ...NO_TABLES, madt: known(base) })).toBe('yes qemu')
    expect(hints({}, ARM, tree('vendor,board', ['/hypervisor']))).toBe('yes kvm')
  })

  // drivers/xen/xenfs/super.c, capabilities_read: "control_d" in the first domain, nothing in others.
  it('tells the control domain of Xen from its guests', () => {
    const type = { 'sys/hypervisor/type': 'xen\n' }
    const control = { ...type, 'proc/xen/capabilities': 'control_d\n' }
    const guest = { ...type, 'proc/xen/capabilities': '' }
    const server = dmi('Dell Inc.', 'PowerEdge R750')
    expect(hints(control, X86('fpu lm'))).toBe('no xen')
    // A PVH dom0 sees the hypervisor's CPU flag, as its guests do.
    expect(hints({ ...control, ...server }, X86('fpu hypervisor lm'))).toBe('no xen')
    expect(hints(control, ARM, tree('vendor,board', ['/hypervisor']))).toBe('no xen')
    // Without xenfs the names of a real machine tell, which guests are not shown.
    expect(hints({ ...type, ...server }, X86('fpu lm'))).toBe('no xen')
    expect(hints(type, ARM, tree('vendor,board'))).toBe('no xen')
    expect(hints(type, X86('fpu lm'))).toBe('yes xen')
    expect(hints({ ...type, ...dmi('Xen', 'HVM domU') }, X86('fpu hypervisor lm'))).toBe('yes xen')
    expect(hints(type, ARM, tree('xen,xenvm-4.19'))).toBe('yes xen')
    // A guest that is given the host's names says itself that it is one.
    expect(hints({ ...guest, ...server }, X86('fpu hypervisor lm'))).toBe('yes xen')
    expect(hints(guest, ARM, tree('vendor,board'))).toBe('yes xen')
  })

  it('takes an Arm board without DMI whose kernel started at EL2 for no guest', () => {
    const log = known(['CPU: All CPU(s) started at EL2'])
    expect(hints({}, ARM, absent(), NO_TABLES, log)).toBe('no')
    expect(hints({}, ARM, tree('linux,dummy-virt'), NO_TABLES, log)).toBe('yes qemu')
    expect(hints({}, ARM, absent(), NO_TABLES, unreadable('permission'))).toBe('unknown')
    expect(hints({}, ARM, absent(), NO_TABLES, known(['CPU: All CPU(s) started at EL1']))).toBe('unknown')
  })

  it('takes an Arm machine with /dev/kvm for no guest, and one with a board that is built', () => {
    expect(hints({}, ARM, absent(), NO_TABLES, absent(), ['dev/kvm'])).toBe('no')
    expect(hints({}, ARM, tree('linux,dummy-virt'), NO_TABLES, absent(), ['dev/kvm'])).toBe('yes qemu')
    expect(hints({}, ARM, tree('radxa,rock-5b'))).toBe('no')
    for (const made of ['xen,xenvm-4.19', 'arm,fvp-base-revc', 'siemens,jailhouse', 'acme,vm', 'noname']) {
      expect(hints({}, ARM, tree(made)), made).toBe('unknown')
    }
    expect(hints({}, ARM, tree('radxa,rock-5b', ['/hypervisor']))).toBe('yes kvm')
  })

  it('says no only where something speaks for it', () => {
    expect(hints(dmi('Dell Inc.', 'PowerEdge R750'), X86('fpu lm'))).toBe('no')
    expect(hints({}, X86('fpu lm'))).toBe('unknown')
    expect(hints({}, ARM)).toBe('unknown')
    expect(hints({}, unreadable('io'), tree('vendor,board'))).toBe('unknown')
    expect(hints(dmi('Dell Inc.', 'PowerEdge R750'), unreadable('io'))).toBe('unknown')
    expect(hints(dmi('HPE', 'ProLiant'), ARM, unreadable('io'))).toBe('unknown')
    expect(hints(dmi('HPE', 'ProLiant'), ARM, absent(), { ...NO_TABLES, madt: unreadable('permission') })).toBe(
      'unknown',
    )
  })
})
