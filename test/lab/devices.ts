/** Named sets of QEMU's arguments for the machines' devices. Network interfaces hang on hubs of their own: no network is reached. */
const SETS = {
  /** A disk, a network interface, a paravirtual one and a device that Linux has no driver for. */
  few: `-device nvme,serial=few,id=few,addr=0x2
    -netdev hubport,id=few1,hubid=1 -device e1000e,netdev=few1,addr=0x3,romfile=
    -netdev hubport,id=few2,hubid=2 -device virtio-net-pci,netdev=few2,disable-legacy=on,iommu_platform=on,addr=0x4,romfile=
    -device edu,addr=0x8`,
  /** The same without edu, which QEMU 7.2 refuses where nothing takes MSIs. */
  'few-drivers': `-device nvme,serial=few,id=few,addr=0x2
    -netdev hubport,id=few1,hubid=1 -device e1000e,netdev=few1,addr=0x3,romfile=
    -netdev hubport,id=few2,hubid=2 -device virtio-net-pci,netdev=few2,disable-legacy=on,iommu_platform=on,addr=0x4,romfile=`,
  /** Only what bears to be aborted by an SMMU in front of it for which the kernel set up no stream. */
  patient: `-netdev hubport,id=pat1,hubid=1 -device e1000e,netdev=pat1,addr=0x3,romfile=
    -netdev hubport,id=pat2,hubid=2 -device e1000e,netdev=pat2,addr=0x4,romfile=
    -device edu,addr=0x5 -device edu,addr=0x8`,
  /** Root ports, a switch, functions of one slot, ATS, one function behind a PCIe-to-PCI bridge. */
  bridges: `-device pcie-root-port,id=rp1,chassis=1,slot=1,addr=0x10
    -blockdev null-co,node-name=null1,size=1048576,read-zeroes=on
    -device virtio-blk-pci,drive=null1,disable-legacy=on,iommu_platform=on,ats=on,bus=rp1
    -device pcie-root-port,id=rp2,chassis=2,slot=2,addr=0x11 -device pcie-pci-bridge,id=conventional,bus=rp2
    -netdev hubport,id=br1,hubid=3 -device e1000,netdev=br1,bus=conventional,addr=0x1,romfile=
    -device pcie-root-port,id=rp3,chassis=3,slot=3,addr=0x12 -device x3130-upstream,id=up,bus=rp3
    -device xio3130-downstream,id=down1,bus=up,chassis=10,slot=10
    -device xio3130-downstream,id=down2,bus=up,chassis=11,slot=11
    -device nvme,serial=down,id=down,bus=down1
    -netdev hubport,id=br2,hubid=4 -device e1000e,netdev=br2,bus=down2,romfile=
    -device pcie-root-port,id=rp4,chassis=4,slot=4,addr=0x13
    -device virtio-rng-pci,bus=rp4,addr=0x0.0,multifunction=on -device virtio-rng-pci,bus=rp4,addr=0x0.1
    -device ich9-ahci,id=ahci,addr=0x14.0,multifunction=on -device virtio-rng-pci,addr=0x14.1`,
  /** A second function behind the PCIe-to-PCI bridge of `bridges`. */
  'second-behind': '-device edu,bus=conventional,addr=0x2',
  /** Virtual functions of a network interface and of a disk, behind root ports (QEMU 8 and newer). */
  'virtual-functions': `-device pcie-root-port,id=rv1,chassis=31,slot=31,addr=0x18
    -netdev hubport,id=vf1,hubid=5 -device igb,netdev=vf1,bus=rv1,romfile=
    -device pcie-root-port,id=rv2,chassis=32,slot=32,addr=0x19 -device nvme-subsys,id=subsystem
    -device nvme,serial=vf,id=vf,subsys=subsystem,bus=rv2,sriov_max_vfs=2,sriov_vq_flexible=4,sriov_vi_flexible=2,max_ioqpairs=6,msix_qsize=5`,
  /**
   * Four more host bridges, one of which bypasses the IOMMU, with a switch behind one. Behind the one that bypasses is what
   * bears to lose its interrupts, as behind VT-d.
   */
  expanders: `-device pxb-pcie,id=pxa,bus_nr=0x20,bus=pcie.0 -device pcie-root-port,id=ra,bus=pxa,chassis=61,slot=61
    -device nvme,serial=pxa,id=pxa1,bus=ra
    -device pxb-pcie,id=pxb,bus_nr=0x40,bus=pcie.0,bypass_iommu=on -device pcie-root-port,id=rb,bus=pxb,chassis=62,slot=62
    -netdev hubport,id=ex2,hubid=7 -device e1000e,netdev=ex2,bus=rb,romfile=
    -device pxb-pcie,id=pxc,bus_nr=0x60,bus=pcie.0 -device pcie-root-port,id=rc,bus=pxc,chassis=63,slot=63
    -device x3130-upstream,id=upc,bus=rc -device xio3130-downstream,id=downc,bus=upc,chassis=64,slot=64
    -device edu,bus=downc
    -device pxb-pcie,id=pxd,bus_nr=0x80,bus=pcie.0 -device pcie-root-port,id=rd,bus=pxd,chassis=65,slot=65
    -netdev hubport,id=ex1,hubid=6 -device e1000e,netdev=ex1,bus=rd,romfile=`,
  /** One SMMU for each of two root buses (QEMU 10.1 and newer; a machine without iommu=). */
  'two-smmus': `-device pxb-pcie,id=pcie.1,bus_nr=0x40,bus=pcie.0
    -device arm-smmuv3,primary-bus=pcie.0,id=smmu0 -device arm-smmuv3,primary-bus=pcie.1,id=smmu1
    -device pcie-root-port,id=ry,bus=pcie.1,chassis=51,slot=51 -device nvme,serial=ry,id=ry1,bus=ry`,
  /** A CXL host bridge with a memory device (a machine with cxl=on). */
  cxl: `-object memory-backend-ram,id=cxlmem,share=on,size=256M -device pxb-cxl,bus_nr=0x30,bus=pcie.0,id=cxl.1
    -device cxl-rp,port=0,bus=cxl.1,id=crp,chassis=71,slot=71 -device cxl-type3,bus=crp,volatile-memdev=cxlmem,id=cm0`,
  /** A root port to plug into. */
  port: '-device pcie-root-port,id=plug,chassis=81,slot=81,addr=0x1c',
  'virtio-iommu': '-device virtio-iommu-pci,addr=0x1',
  'vt-d': '-device intel-iommu,intremap=on,caching-mode=on',
  'vt-d-eim': '-device intel-iommu,intremap=on,eim=on,caching-mode=on,device-iotlb=on',
  'vt-d-without-remapping': '-device intel-iommu,intremap=off,caching-mode=on',
  'amd-vi': '-device amd-iommu,intremap=on',
  'amd-vi-translating': '-device amd-iommu,intremap=on,dma-remap=on',
} as const satisfies Readonly<Record<string, string>>

/** QEMU's arguments for sets by their names; IOMMUs of x86 and virtio-iommu have to come first. */
export function deviceArguments(names: string): readonly string[] {
  const sets: Readonly<Record<string, string>> = SETS
  return names.split(' ').flatMap((name) => {
    const set = sets[name]
    if (set === undefined) throw new Error(`there is no set of devices named ${name}`)
    return set.split(/\s+/)
  })
}
