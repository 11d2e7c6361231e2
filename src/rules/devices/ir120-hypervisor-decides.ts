import type { Doubt } from '../../kernel/decision.js'
import { remapsByXen } from '../../kernel/x86/xen-log.js'
import type { Route } from '../../routes/route.js'
import { DeviceItems } from '../device-items.js'
import { NOT_APPLICABLE, PASS, type Outcome, type Rule, type Subject } from '../rule.js'

type Platform = 'vmd' | 'xen' | 'xen-remaps' | 'hyper-v' | 'powerpc' | 'other'

const OUTSIDE: ReadonlySet<Doubt> = new Set(['hypervisor-decides', 'behind-vmd', 'hypervisor-owns-iommu'])

function platformOf({ machine, routes }: Subject, route: Route): Platform | undefined {
  const { described, inUse } = route.msi
  const byFirmware = described.state === 'undecided' && OUTSIDE.has(described.doubt)
  const byChip = inUse.state === 'known' && inUse.doubt !== undefined && OUTSIDE.has(inUse.doubt)
  if (!byFirmware && !byChip) return undefined
  if (machine.virtualization.controlDomain) return remapsByXen(routes.context) ? 'xen-remaps' : 'xen'
  if (routes.context.architecture === 'powerpc') return 'powerpc'
  const isVmd =
    (described.state === 'undecided' && described.doubt === 'behind-vmd') ||
    (inUse.state === 'known' && inUse.doubt === 'behind-vmd')
  if (isVmd) return 'vmd'
  const chips = inUse.state === 'known' ? inUse.chipNames : []
  const hyperV = machine.virtualization.hypervisor === 'hyper-v' || chips.some((name) => /^(Hyper-V|HV-)/.test(name))
  return hyperV ? 'hyper-v' : 'other'
}

function check(subject: Subject): Outcome {
  const items = new DeviceItems()
  const { routes } = subject.routes
  for (const route of routes) {
    const platform = platformOf(subject, route)
    const { described, inUse } = route.msi
    const from = [
      ...(described.state === 'undecided' ? described.from : []),
      ...(inUse.state === 'known' ? inUse.from : []),
    ]
    if (platform === undefined) continue
    // What the reason suggests, to ask Xen, was done.
    items.add(route.fn.name, { message: platform, ...(platform === 'xen-remaps' && { severity: 'low' }) }, from)
  }
  const failed = items.list()
  return failed.length > 0 ? { ...PASS, failed } : NOT_APPLICABLE
}

export const hypervisorDecides: Rule = {
  id: 'IR120',
  slug: 'hypervisor-decides',
  title: 'Something outside Linux decides about the interrupts',
  scope: 'device',
  severity: 'info',
  effect: 'none',
  checks:
    'Whether the MSI domain of the function belongs to a VMD, to Xen below its control domain, to Hyper-V or to the platform firmware of a POWER machine.',
  why: 'Linux does not see what is checked there, so the answer is unknown: its own predicate says no, while the platform may well tell senders apart.',
  remedy: [
    {
      actor: 'firmware',
      messages: ['vmd'],
      text: 'Assign the VMD itself with everything behind it, or turn VMD off in the firmware setup to have its disks as plain PCI devices.',
    },
    {
      actor: 'configuration',
      messages: ['xen'],
      text: 'Ask Xen, which owns the IOMMU: `xl dmesg` tells whether I/O virtualisation and interrupt remapping are on; `xl pci-assignable-list` what it hands out.',
    },
    {
      actor: 'configuration',
      messages: ['xen-remaps'],
      text: 'Leave it to Xen, which says that it remaps interrupts: `xl pci-assignable-list` tells what it hands out.',
    },
    { actor: 'configuration', text: 'Ask whoever runs the layer below.' },
  ],
  limits:
    'A VMD that passes MSIs on unchanged (device 8086:28c0 in a host) gives its children its own remapped domain; that shows only in their interrupts in use.',
  references: [
    { kind: 'linux', title: 'Linux, VMD', locator: 'drivers/pci/controller/vmd.c: vmd_create_irq_domain' },
    { kind: 'linux', title: 'Linux, Xen', locator: 'drivers/xen/xenfs/super.c: capabilities; arch/x86/pci/xen.c' },
    { kind: 'linux', title: 'Linux, Hyper-V', locator: 'drivers/pci/controller/pci-hyperv.c' },
    { kind: 'linux', title: 'Linux, PowerNV', locator: 'arch/powerpc/platforms/powernv/pci-ioda.c' },
  ],
  outcomes: ['fail', 'not-applicable'],
  messages: {
    vmd: 'The MSIs of {devices} pass through a VMD of this machine, which sends them on as its own.',
    xen: 'This is the control domain of Xen (dom0): Xen owns the IOMMU and remaps the interrupts of {devices}, and shows none of it here.',
    'xen-remaps':
      'This is the control domain of Xen (dom0): Xen owns the IOMMU and says that it remaps interrupts, but not which of them {devices} may raise.',
    'hyper-v': 'Hyper-V delivers the MSIs of {devices} and decides which they may raise.',
    powerpc:
      'The platform checks the MSIs of {devices} by partitionable endpoint; VFIO does not ask about them on this architecture.',
    other: 'Something outside Linux delivers the MSIs of {devices}.',
  },
  check,
}
