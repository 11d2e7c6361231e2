import { describe, expect, it } from 'vitest'
import { KERNEL_LOG_MESSAGES, messageOf } from '../../../src/kernel-log/messages.js'

// As Linux and QEMU print them; K: the sources that each message names.
const REFUSALS: readonly (readonly [string, string])[] = [
  [
    'type1-no-remapping',
    'vfio_iommu_type1_attach_group: No interrupt remapping support.  Use the module param "allow_unsafe_interrupts" to enable VFIO IOMMU support on this platform',
  ],
  [
    'iommufd-not-secure',
    'vfio-pci 0000:01:00.0: MSI interrupts are not secure, they cannot be isolated by the platform. Check that platform features like interrupt remapping are enabled. Use the "allow_unsafe_interrupts" module parameter to override',
  ],
  [
    'direct-mapping-required',
    'vfio-pci 0000:01:00.0: Firmware has requested this device have a 1:1 IOMMU mapping, rejecting configuring the device without a 1:1 mapping. Contact your platform vendor.',
  ],
  [
    'intel-rmrr',
    'vfio-pci 0000:06:00.0: Device is ineligible for IOMMU domain attach due to platform RMRR requirement.  Contact your platform vendor.',
  ],
  ['vfio-probe-failed', 'vfio-pci: probe of 0000:01:00.0 failed with error -22'],
  ['vfio-probe-failed', 'vfio-pci 0000:01:00.0: probe with driver vfio-pci failed with error -22'],
  ['vfio-probe-failed', 'vfio-platform: probe of ff170000.mmc failed with error -22'],
  [
    'vfio-denylisted',
    'vfio-pci 0000:01:01.7: 8086:0443 exists in vfio-pci device denylist, driver probing disallowed.',
  ],
  ['vfio-denylisted', 'vfio-pci 0000:01:01.7: device denylist disabled - allowing device 8086:0443.'],
  ['iommu-setup-failed', 'Failed to set up IOMMU for device ff0e0000.ethernet; retaining platform DMA ops'],
  ['iommu-setup-failed', 'Failed to set up IOMMU for device 0000:01:00.0; retaining platform DMA ops'],
  ['noiommu-taint', 'vfio-pci 0000:01:00.0: Adding kernel taint for vfio-noiommu group on device'],
  ['noiommu-taint', 'vfio-pci 0000:01:00.0: vfio-noiommu device opened by user (qemu-system-aar:1234)'],
  ['vfio-pf-with-vfs', 'vfio-pci 0000:01:00.0: Cannot bind to PF with SR-IOV enabled'],
  ['vfio-vf-token', 'vfio-pci 0000:01:00.1: VF token required to access device'],
  ['vfio-vf-token', 'vfio-pci 0000:01:00.1: Incorrect VF token provided for device'],
  ['vfio-memlock', 'vfio_pin_pages_remote: RLIMIT_MEMLOCK (65536) exceeded'],
  ['vfio-memlock', 'vfio_lock_acct: Task qemu-system-x86 (1234) RLIMIT_MEMLOCK (65536) exceeded'],
  ['vfio-no-reset', 'vfio-platform ff170000.mmc: No reset function found for device ff170000.mmc'],
  ['group-not-viable', 'qemu-system-x86_64: -device vfio-pci,host=01:00.0: vfio 0000:01:00.0: group 1 is not viable'],
  [
    'type1-set-iommu-failed',
    'vfio 0000:01:00.0: failed to setup container for group 1: Failed to set iommu for container: Operation not permitted',
  ],
  ['bind-refused', 'Error: bind failed for 0000:01:00.0 - Cannot bind to driver vfio-pci'],
  ['bind-refused', 'tee: /sys/bus/pci/drivers/vfio-pci/bind: No such device'],
  ['bind-refused', 'error writing to bind file: write /sys/bus/pci/drivers/vfio-pci/bind: invalid argument, requeuing'],
  ['bind-refused', 'bash: echo: write error: Invalid argument'],
  ['bind-refused', '-bash: line 3: echo: write error: No such device'],
  ['dpdk-set-iommu-failed', 'EAL:   0000:82:00.0 failed to select IOMMU type'],
  ['dpdk-set-iommu-failed', 'EAL: Set IOMMU type 1 (Type 1) failed, error 1 (Operation not permitted)'],
  ['dpdk-group-refused', 'EAL: 0000:02:00.0 cannot add VFIO group to container, error 22 (Invalid argument)'],
  [
    'group-not-viable',
    'EAL: 0000:44:00.3 VFIO group is not viable! Not all devices in IOMMU group bound to VFIO or unbound',
  ],
  ['stream-id-taken', 'pci 0000:03:02.0: stream 768 already in tree from dev 0000:03:01.0'],
  [
    'stream-id-aliased',
    'pci 0000:03:02.0: Aliasing StreamID 0x300 (from 0000:03:01.0) unsupported, expect DMA to be broken',
  ],
  ['stream-id-out-of-range', 'xhci_hcd 3100000.usb: stream ID 0x8000 out of range for SMMU (0x7fff)'],
  ['smmu-attach-elsewhere', 'vfio-pci 0000:01:00.0: cannot attach to SMMU, is it on the same bus?'],
  [
    'smmu-attach-elsewhere',
    'vfio-pci 0000:01:00.0: cannot attach to SMMU arm-smmu.1.auto whilst already attached to domain on SMMU arm-smmu.0.auto',
  ],
  [
    'smmu-unknown-stream',
    'arm-smmu 64000000.mmu: Blocked unknown Stream ID 0x2000; boot with "arm-smmu.disable_bypass=0" to allow, but this may have security implications',
  ],
  ['smmu-global-fault', 'arm-smmu 5000000.iommu: Unexpected global fault, this could be serious'],
  [
    'smmu-global-fault',
    'arm-smmu-v3 arm-smmu-v3.0.auto: unexpected global error reported (0x00000001), this could be serious',
  ],
  ['smmu-event', 'arm-smmu-v3 arm-smmu-v3.0.auto: event 0x02 received:'],
  ['smmu-event', 'arm-smmu-v3 arm-smmu-v3.0.auto: event: C_BAD_STREAMID client: (unassigned sid) sid: 0x100 ssid: 0x0'],
  ['intel-remapping-off', 'DMAR-IR: Failed to enable irq remapping. You are vulnerable to irq-injection attacks.'],
  ['intel-remapping-off', 'Not enabling interrupt remapping'],
  ['intel-chipset-erratum', 'DMAR-IR: This system BIOS has enabled interrupt remapping'],
  [
    'intel-ioapic-without-unit',
    'DMAR-IR: [Firmware Bug]: ioapic 3 has no mapping iommu, interrupt remapping will be disabled',
  ],
  ['intel-x2apic-opt-out', 'DMAR-IR: x2apic is disabled because BIOS sets x2apic opt out bit.'],
  ['intel-x2apic-opt-out', "DMAR-IR: Use 'intremap=no_x2apic_optout' to override the BIOS setting."],
  ['x2apic-not-supported', "x2apic: IRQ remapping doesn't support X2APIC mode"],
  [
    'intel-unit-all-ones',
    'DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address fed90000 returns all ones!',
  ],
  ['amd-remapping', 'AMD-Vi: Disabling interrupt remapping'],
  ['amd-ioapic-missing', 'AMD-Vi: [Firmware Bug]: : IOAPIC[4] not in IVRS table'],
  ['amd-ioapic-missing', '[Firmware Bug]: AMD-Vi: No southbridge IOAPIC found'],
  ['intel-remapping-fault', 'DMAR: [INTR-REMAP] Request device [f0:1f.0] fault index 0x0 [fault reason 0x25]'],
]

describe('messages of the kernel log', () => {
  it.each(REFUSALS)('%s: %s', (id, line) => {
    expect(messageOf(line)?.message.id).toBe(id)
  })

  it('have names of their own, an explanation and a source', () => {
    expect(new Set(KERNEL_LOG_MESSAGES.map(({ id }) => id)).size).toBe(KERNEL_LOG_MESSAGES.length)
    for (const message of KERNEL_LOG_MESSAGES) {
      expect(message.says).toMatch(/\.$/)
      expect(message.source).not.toBe('')
      for (const word of message.words) expect(word).toMatch(/^\w+$/)
    }
  })

  it('are found by the word that each of their lines holds: what is kept is found again', () => {
    for (const [id, line] of REFUSALS) {
      const kept = messageOf(line)?.kept ?? ''
      expect(messageOf(kept), line).toMatchObject({ kept, message: { id } })
    }
  })

  it('are not forged by the name that a device gives itself', () => {
    expect(messageOf('usb 1-1: Product: DMAR-IR: Enabled IRQ remapping in x2apic mode')).toBeUndefined()
    expect(messageOf('usb 1-1: Product: AMD-Vi: Interrupt remapping enabled')).toBeUndefined()
    expect(messageOf('usb 1-1: Product: CPU: All CPU(s) started at EL2')).toBeUndefined()
  })
})
