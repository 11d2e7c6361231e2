// The captures that become bundled machines: name, title, and what is odd about the machine.
export const CAPTURED_MACHINES = [
  [
    'arm-v3its-smmu-acpi-612',
    'GICv3 ITS behind SMMUv3, ACPI',
    'Everything as it should be; 6.12 puts a function into its group when a driver binds.',
  ],
  [
    'arm-v3its-smmu-dt-612',
    'GICv3 ITS behind SMMUv3, device tree',
    'The same machine described by msi-map and iommu-map.',
  ],
  [
    'arm-v3its-smmu-dt-lab',
    'The same with debugfs and iommufd',
    'The interrupt domains show their flags; a device can be bound through iommufd.',
  ],
  [
    'arm-v3its-smmu-dt-61',
    '6.1 asks about the whole machine, and accepts',
    'Every MSI domain of the machine remaps, so the global rule says yes.',
  ],
  [
    'arm-v2m-smmu-acpi-61',
    '6.1 asks about the whole machine, and refuses',
    'The GICv2m frame makes the global rule say no.',
  ],
  [
    'arm-v3noits-smmu-dt-61',
    '6.1 accepts where there is nothing to ask',
    'Without any MSI domain the global rule says yes; the truth is not isolated.',
  ],
  ['arm-v3noits-smmu-dt-612', 'SMMUv3 without an ITS', 'No MSI controller at all: 6.12 refuses what 6.1 accepts.'],
  [
    'arm-v3its-none-dt-612',
    'ITS without an SMMU',
    'The kernel calls the MSIs isolated; nothing translates, so nothing can be assigned.',
  ],
  ['arm-v2m-smmu-acpi-612', 'GICv2m behind SMMUv3', 'Translated, but the frame takes any interrupt number.'],
  ['arm-v2m-viommu-acpi-612', 'GICv2m behind a virtio-iommu', 'The function that is the IOMMU stands before itself.'],
  ['arm-v4-smmu-acpi-612', 'GICv4 ITS behind SMMUv3', 'Direct injection changes nothing about the check.'],
  ['arm-v5-smmu-dt-72', 'GICv5 without an ITS', 'An SMMUv3 is there, an MSI controller is not.'],
  [
    'arm-v3its-viommu-topo-dt-612',
    'ITS behind a virtio-iommu, switches and bridges',
    'Neither function below the PCIe-to-PCI bridge gets a group.',
  ],
  ['arm-v3its-bypass-acpi-612', 'A bus that bypasses the SMMU', 'IORT leads the root complex straight to the ITS.'],
  [
    'arm-v3its-pxb-bypass-acpi-lab',
    'One of two host bridges bypasses the SMMU',
    'The chips in use are the same on both.',
  ],
  [
    'arm-dt-msimap-partial-612',
    'Partial msi-map',
    'RequesterIDs outside of the map have no MSI domain and fall back to INTx.',
  ],
  ['arm-dt-iommumap-partial-612', 'Partial iommu-map', 'Functions outside of the map never get a group.'],
  ['arm-dt-smmu-disabled-612', 'SMMU node disabled', 'A node that is not available is as good as none.'],
  ['arm-iort-smmu-its-partial-612', 'IORT leads only some StreamIDs on to the ITS', 'One host bridge, two answers.'],
  [
    'arm-iort-rc-partial-612',
    'IORT leads only some RequesterIDs to the SMMU',
    'The rest goes to the ITS untranslated.',
  ],
  [
    'arm-iort-noncoherent-612',
    'SMMU that the firmware calls not coherent',
    'Isolated, and refused before anybody asks.',
  ],
  [
    'arm-v3its-passthrough-dt-612',
    'Identity domains',
    'iommu.passthrough=1: bypassed while a host driver owns the device.',
  ],
  ['arm-v2m-unsafe-dt-lab', 'Unsafe interrupts allowed', 'GICv2m let through by allow_unsafe_interrupts.'],
  [
    'arm-v3its-nodriver-acpi-612',
    'SMMU described but not driven',
    'Its devices wait for a driver that does not come: EAGAIN.',
  ],
  ['arm-v3its-nolpi-acpi-612', 'LPIs switched off', 'irqchip.gicv3_nolpi=1 leaves the ITS unused.'],
  ['arm-v3its-sriov-acpi-612', 'SR-IOV', 'Virtual functions of two devices, each with its own StreamID and DeviceID.'],
  [
    'arm-v3its-topo-acpi-612',
    'Switches, bridges and multifunction devices',
    'Two functions below a PCIe-to-PCI bridge share one DeviceID.',
  ],
  [
    'arm-v3its-topo-dt-72',
    'The same on 7.2 with a device tree',
    'Groups come at enumeration, and ACS was requested in time.',
  ],
  [
    'arm-v3its-noacs-acpi-612-q72',
    'Ports without ACS, off-by-one IORT',
    'ID counts are one too large, as an old writer has them.',
  ],
  ['x86-intel-ir-612', 'VT-d with interrupt remapping', 'Every unit remaps, and the log says so.'],
  ['x86-intel-noir-612', 'VT-d without interrupt remapping', 'DMA is translated, messages are not checked.'],
  [
    'x86-intel-topo-612',
    'VT-d with switches and bridges',
    'Both functions below the PCIe-to-PCI bridge are in one group.',
  ],
  ['x86-amd-ir-612', 'AMD-Vi with interrupt remapping', 'The IOMMU is a PCI function and not behind itself.'],
  ['x86-viommu-612', 'x86 with a virtio-iommu', 'Translated by VIOT, plain vectors.'],
  [
    'rv-imsic-iommu-dt-lab',
    'RISC-V IMSIC behind a RISC-V IOMMU',
    'No cache coherency, and interrupt files that take any identity.',
  ],
]
