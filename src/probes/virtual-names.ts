/** Words in DMI vendor or product names that only virtual machines have. */
const VIRTUAL_PRODUCTS: readonly (readonly [RegExp, string])[] = [
  [/^QEMU/, 'qemu'],
  [/^(?:KVM|RHEV|oVirt|KubeVirt|OpenStack|Nutanix AHV|Alibaba Cloud ECS|Google Compute Engine|vServer|CVM)\b/, 'kvm'],
  [/^(?:VMware|VMW)/, 'vmware'],
  [/^(?:innotek GmbH|VirtualBox)/, 'virtualbox'],
  [/^(?:HVM domU|Xen)/, 'xen'],
  [/^(?:BHYVE)/i, 'bhyve'],
  [/^Bochs/, 'bochs'],
  [/^Parallels/, 'parallels'],
  [/^(?:Virtual Machine|Hyper-V)/, 'hyper-v'],
  [/^Apple Virtualization/, 'apple-virtualization'],
  [/^Cloud Hypervisor/, 'cloud-hypervisor'],
]
/** Amazon's bare-metal products carry the vendor of the virtual ones. */
const VIRTUAL_VENDOR = /^Amazon EC2/
const METAL_PRODUCT = /\.metal(?:[-/]|$)/

/** The hypervisor whose machines alone have such a vendor or product. */
export function hypervisorCalled(name: string): string | undefined {
  return VIRTUAL_PRODUCTS.find(([pattern]) => pattern.test(name))?.[1]
}

/** A virtual machine of Amazon's, told from one of bare metal by the product. */
export function isRented(vendor: string, product: string): boolean {
  return VIRTUAL_VENDOR.test(vendor) && !METAL_PRODUCT.test(product)
}
