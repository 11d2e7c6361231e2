import { describe, expect, test } from 'vitest'
import { contextOf } from '../../../src/kernel/build-context.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { indexed } from '../../../src/render/report-index.js'
import { actionsOf } from '../../../src/render/sections/steps-section.js'
import { buildReport } from '../../../src/report/probe/build.js'
import { nextPieceOf } from '../../../src/report/probe/next-piece.js'
import { readText } from '../../support/mangled-texts.js'

const reportOf = (post: string) => buildReport(probeMachine(readText(Buffer.from(post)).sysroot))

interface Answer {
  readonly verdict: 'not-isolated' | 'unknown'
  /** Cause of the first function that has one. */
  readonly cause?: string
}

const JOINED =
  '[    1.0] pci 0000:00:00.0: Adding to iommu group 0\n[    1.0] pci 0000:01:00.0: Adding to iommu group 9\n'
const UNIT = (ecap: string) =>
  `[    0.1] dmar: IOMMU 0: reg_base_addr fed90000 ver 1:0 cap c9008020e30272 ecap ${ecap}\n`
const NIC = '01:00.0 Ethernet controller [0200]: Intel Corporation 82574L [8086:10d3]\n\tKernel driver in use: e1000e\n'
const NO_GROUPS = '$ ls /sys/kernel/iommu_groups\n$ cat /proc/cmdline\n'
const INTERRUPTS = (timer: string, msi: string) => `           CPU0       CPU1
 11:     123456     123456     ${timer}  30 Level     arch_timer
 48:          9          0     ${msi}
NMI:          0          0   Non-maskable interrupts
`
const GIC_LOG = (line: string) =>
  `[    0.0] Booting Linux on physical CPU 0x0000000000 [0x410fd083]\n[    0.0] ${line}\n`

/** What a person who has only these lines is owed: each was settled by the kernel's own code, named beside it. */
const POSTS: readonly (readonly [string, string, Answer])[] = [
  [
    // K: check_ioapic_information; the log lists functions without saying what they are.
    'AMD-Vi turns remapping off, and functions are known by their groups alone',
    `[    0.8] AMD-Vi: Disabling interrupt remapping\n${JOINED}`,
    { verdict: 'not-isolated', cause: 'ivrs-io-apics-amiss' },
  ],
  [
    // K: intel_prepare_irq_remapping, ecap_ir_support: bit 3.
    'a unit of VT-d without the capability, by its registers in the log',
    `${UNIT('1000')}${JOINED}`,
    { verdict: 'not-isolated', cause: 'remapping-not-in-hardware' },
  ],
  [
    // K: set_msi_sid under disable_sourceid_checking; where remapping were off, nothing would be isolated either.
    'VT-d that remaps without asking who sends',
    `[    0.0] Command line: root=/dev/sda1 intel_iommu=on intremap=nosid\n[    0.2] DMAR-IR: Enabled IRQ remapping in x2apic mode\n${JOINED}`,
    { verdict: 'not-isolated' },
  ],
  [
    'the same word on an AMD machine, which does not know it',
    `[    0.0] Command line: root=/dev/sda1 intremap=nosid\n[    0.2] AMD-Vi: Interrupt remapping enabled\n${JOINED}`,
    { verdict: 'unknown' },
  ],
  ['a unit with it', `${UNIT('f020fe')}${JOINED}`, { verdict: 'unknown' }],
  [
    'the journal with seconds since the start, and no host',
    `[    0.1] kernel: dmar: IOMMU 0: reg_base_addr fed90000 ver 1:0 cap c9008020e30272 ecap 1000\n${JOINED}`,
    { verdict: 'not-isolated', cause: 'remapping-not-in-hardware' },
  ],
  [
    // K: intel_iommu_init, no_iommu: CONFIG_INTEL_IOMMU_DEFAULT_ON off, and nobody said on.
    'VT-d shows its units, remaps, makes no group, and intel_iommu=on was not given',
    `${UNIT('f020fe')}[    0.2] DMAR-IR: Enabled IRQ remapping in x2apic mode\n\n${NIC}\n${NO_GROUPS}ro quiet root=/dev/sda1\n`,
    { verdict: 'not-isolated', cause: 'intel-iommu-off-by-default' },
  ],
  [
    'the same where it was given',
    `${UNIT('f020fe')}[    0.2] DMAR-IR: Enabled IRQ remapping in x2apic mode\n\n${NIC}\n${NO_GROUPS}ro quiet root=/dev/sda1 intel_iommu=on\n`,
    { verdict: 'not-isolated', cause: 'x86-not-driven' },
  ],
  [
    'WSL 2, which has no groups',
    `Linux PC 5.15.146.1-microsoft-standard-WSL2 #1 SMP Thu Jan 11 04:09:03 UTC 2024 x86_64 GNU/Linux\n${NIC}\nme@PC:~$ ls /sys/kernel/iommu_groups\nme@PC:~$ uptime\n`,
    { verdict: 'not-isolated', cause: 'guest-without-iommu' },
  ],
  [
    // K: irq-gic.c alone prints it so; only a GICv3 has an ITS below it.
    'a GICv2 in the log',
    `${GIC_LOG('GIC: Using split EOI/Deactivate mode')}\n${NIC}`,
    { verdict: 'not-isolated', cause: 'gic-has-no-its' },
  ],
  ['a GICv3 in the log', `${GIC_LOG('GICv3: GIC: Using split EOI/Deactivate mode')}\n${NIC}`, { verdict: 'unknown' }],
  [
    // Xen, drivers/passthrough/iommu.c: iommu_setup.
    'Xen that drives no IOMMU',
    `(XEN) [    3.1] Brought up 4 CPUs\n(XEN) [    3.2] I/O virtualisation disabled\n\n${NIC}`,
    { verdict: 'not-isolated', cause: 'xen-without-iommu' },
  ],
  [
    'Xen that remaps no interrupts',
    `(XEN) I/O virtualisation enabled\n(XEN)  - Dom0 mode: Relaxed\n(XEN) Interrupt remapping disabled\n\n${NIC}`,
    { verdict: 'not-isolated', cause: 'xen-remaps-nothing' },
  ],
  [
    'Xen that remaps them, which Linux does not see',
    `(XEN) I/O virtualisation enabled\n(XEN) Interrupt remapping enabled\n\n${NIC}`,
    { verdict: 'unknown' },
  ],
  [
    'words of Xen in the kernel log of a machine that Xen does not run',
    `[    0.0] Hypervisor detected: KVM\n[    9.1] user: (XEN) I/O virtualisation disabled\n\n${NIC}`,
    { verdict: 'unknown' },
  ],
  [
    // K: its_init.
    'no ITS that can be used',
    `${GIC_LOG('ITS: No ITS available, not enabling LPIs')}\n${NIC}`,
    { verdict: 'not-isolated', cause: 'no-usable-its' },
  ],
  [
    // K: gic_init_bases in irq-gic-v3.c takes frames where LPIs are not usable.
    'a GICv2m frame, which is taken in place of an ITS only',
    `${GIC_LOG('GICv2m: range[mem 0xf0280000-0xf0280fff], SPI[160:191]')}\n${NIC}`,
    { verdict: 'not-isolated', cause: 'no-usable-its' },
  ],
  [
    'a GICv2 by the timer that goes through it',
    `${INTERRUPTS('GICv2', 'GICv2  99 Level     mmc0')}\n${NIC}`,
    { verdict: 'not-isolated', cause: 'gic-has-no-its' },
  ],
  [
    // K: pci_msi_domain_calc_hwirq: RequesterID 0x100 from bit 11.
    'a chip that checks nothing, with the number that holds the function',
    `${INTERRUPTS('GICv3', 'MSI 524288 Edge      eth0-rx-0')}\n${NIC}`,
    { verdict: 'not-isolated' },
  ],
  ...(['riscv64', 'loongarch64'] as const).map((machine): readonly [string, string, Answer] => [
    // kernel-decision.md section 4: the complete list of domains with the flag has none of theirs.
    `the name of a machine of ${machine}`,
    `Linux host 6.12.0 #1 SMP PREEMPT_DYNAMIC ${machine} GNU/Linux\n${NIC}`,
    { verdict: 'not-isolated', cause: 'architecture-checks-nothing' },
  ]),
  [
    'a machine of POWER, whose hardware and hypervisor decide',
    `Linux host 6.1.0-13-powerpc64le #1 SMP Debian 6.1.55-1 (2023-09-29) ppc64le GNU/Linux\n${NIC}`,
    { verdict: 'unknown' },
  ],
  [
    'a Raspberry Pi 5 listed without numbers',
    `$ lspci
0001:00:00.0 PCI bridge: Broadcom Inc. and subsidiaries BCM2712 PCIe Bridge (rev 30)
0001:01:00.0 Ethernet controller: Intel Corporation I350 Gigabit Network Connection (rev 01)
$ sudo find /sys/kernel/iommu_groups/ -type l
/sys/kernel/iommu_groups/1/devices/107c580000.hvs
/sys/kernel/iommu_groups/0/devices/1000800000.codec

That is all.
`,
    { verdict: 'not-isolated', cause: 'soc-has-no-iommu-before-pcie' },
  ],
  [
    // The device trees of both: no iommu-map, whatever IOMMUs the display has.
    'a Raspberry Pi 5, by its root port, whose groups are those of other blocks',
    `Linux pi 6.6.31+rpt-rpi-2712 #1 SMP PREEMPT Debian (2024-05-29) aarch64 GNU/Linux
00:00.0 PCI bridge [0604]: Broadcom Inc. and subsidiaries BCM2712 PCIe Bridge [14e4:2712] (rev 21)
\tKernel driver in use: pcieport
${NIC}
$ find /sys/kernel/iommu_groups -type l
/sys/kernel/iommu_groups/0/devices/1000480000.codec
/sys/kernel/iommu_groups/1/devices/1000800000.pisp_be
$ dmesg | tail -n 1
[    0.085412] iommu: Default domain type: Translated
`,
    { verdict: 'not-isolated', cause: 'soc-has-no-iommu-before-pcie' },
  ],
]

describe('a post that proves its answer', () => {
  test.each(POSTS)('%s', (_, post, { verdict, cause }) => {
    const { summary, devices } = reportOf(post)
    expect(summary.verdict).toBe(verdict)
    if (cause === undefined) return
    expect(devices.flatMap((device) => (typeof device.cause === 'string' ? [] : [device.cause.id]))).toContain(cause)
  })
})

test('a known back door says nothing of a controller that is not known', () => {
  const post = '01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GP106 [10de:1c03]\n'
  const severities = reportOf(post).findings.flatMap(({ rule, severity }) => (rule === 'IR116' ? [severity] : []))
  expect(severities).toEqual(['info'])
})

describe('what to do first', () => {
  const firstStep = (post: string) => actionsOf(indexed(reportOf(post)))[0]?.text
  const CARD_IN_XEN = `[    0.0] Hypervisor detected: Xen PV
[    0.0] DMI: Dell Inc. PowerEdge R730/0WCJNT, BIOS 2.12.1 12/07/2020

01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GM204GL [10de:13f2]
`
  test.each([
    // The log of Xen's control domain shows the names of the real machine; a guest's does not.
    ['asks Xen, where it has the IOMMU to itself', CARD_IN_XEN, /Ask Xen/],
    [
      'leaves it to Xen, where that was done',
      `(XEN) I/O virtualisation enabled\n(XEN) Interrupt remapping enabled\n\n${NIC}`,
      /^Leave it to Xen, which says that it remaps/,
    ],
    [
      'turns VT-d on in the setup, where the command line asks for it and no group is there',
      `${NIC}\n${NO_GROUPS}root=/dev/sda1 intel_iommu=on\n\n[    0.1] x2apic: IRQ remapping doesn't support X2APIC mode\n`,
      /Turn VT-d .* on in the firmware setup: intel_iommu=on alone/,
    ],
    [
      'says both, where nobody asked for it',
      `${NIC}\n${NO_GROUPS}root=/dev/sda1 quiet\n\n[    0.1] x2apic: IRQ remapping doesn't support X2APIC mode\n`,
      /Turn VT-d or AMD-Vi .* and on Intel add intel_iommu=on/,
    ],
    [
      'leaves the command line alone, where the kernel was built to drive one',
      `${NIC}\n${NO_GROUPS}root=/dev/sda1 quiet\n\nCONFIG_INTEL_IOMMU=y\nCONFIG_INTEL_IOMMU_DEFAULT_ON=y\n\n[    0.1] x2apic: IRQ remapping doesn't support X2APIC mode\n`,
      /^Turn VT-d \(on AMD: AMD-Vi, often called IOMMU\) on in the firmware setup\. Lines/,
    ],
  ])('%s', (_, post, step) => {
    expect(firstStep(post)).toMatch(step)
  })
  test.each(['intel_iommu=on iommu=pt', 'quiet'])(
    'is that switch too where the interrupts in use are not remapped, with the command line %s',
    (words) => {
      const shown = INTERRUPTS('IO-APIC   2-edge      timer', 'PCI-MSI 524288-edge      eth0').replace(' 30 Level', '')
      const report = reportOf(`${NIC}\n${NO_GROUPS}root=/dev/sda1 ${words}\n$ cat /proc/interrupts\n${shown}`)
      const actions = actionsOf(indexed(report))
      expect(report.summary.verdict).toBe('not-isolated')
      expect(actions[0]?.text).toMatch(/^Turn VT-d .* on in the firmware setup/)
      expect(actions.filter(({ text }) => text.includes('lines of the kernel log since the start'))).toEqual([])
    },
  )
  test('is not to add evidence for functions that are condemned by what there is', () => {
    const post = `[    0.0] Command line: root=/dev/sda1 pcie_acs_override=downstream
[    0.0] Warning: PCIe ACS overrides enabled; This may allow non-IOMMU protected peer-to-peer DMA
[    0.4] AMD-Vi: Disabling interrupt remapping
${JOINED}`
    const texts = actionsOf(indexed(reportOf(post))).map(({ text }) => text)
    expect(texts.filter((text) => /^Add .* to the evidence|take a capture/.test(text))).toEqual([])
  })
})

describe('what Xen says', () => {
  const piece = (post: string) => nextPieceOf(contextOf(probeMachine(readText(Buffer.from(post)).sysroot)), false)
  test('is asked for in its control domain, and nothing more once it is there', () => {
    const log = `[    0.0] Hypervisor detected: Xen PV\n[    0.0] DMI: Dell Inc. PowerEdge R730/0WCJNT, BIOS 2.12.1 12/07/2020\n\n${NIC}`
    expect(piece(log)).toMatchObject({ command: 'xl dmesg' })
    expect(piece(`${log}\n(XEN) I/O virtualisation enabled\n(XEN) Interrupt remapping enabled\n`)).toBe('none')
  })

  test('of two starts the worse counts, and a line that was cut says nothing', () => {
    const lines = (...words: readonly string[]) => `${words.map((word) => `(XEN) ${word}\n`).join('')}\n${NIC}`
    const [on, off] = ['Interrupt remapping enabled', 'Interrupt remapping disabled']
    expect(reportOf(lines(off, on)).summary.verdict).toBe('not-isolated')
    expect(reportOf(lines('Brought up 4 C\u2026', off)).summary.verdict).toBe('not-isolated')
    expect(piece(lines('Brought up 4 C\u2026', on))).toBe('none')
    expect(reportOf(lines('Interrupt remapping disab', 'Brought up 4 CPUs')).summary.verdict).toBe('unknown')
  })
})
