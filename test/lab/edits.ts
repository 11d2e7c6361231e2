/** Edits of the device tree's source text that QEMU makes of a machine. Each has to find what it changes. */
const EDITS: Readonly<Record<string, (source: string) => string>> = {
  /** The host bridge is segment 2, not 0. */
  'segment-2': (source) => replaced(source, /linux,pci-domain = <0x0+>/, 'linux,pci-domain = <0x02>'),
  /** Only RequesterIDs 0x00 to 0x1f, 00:00.0 to 00:03.7, have a way to the ITS. */
  'msi-map-partial': (source) => replaced(source, /msi-map = <0x0+ (0x\w+) 0x0+ 0x10000>/, 'msi-map = <0 $1 0 0x20>'),
  /** Only those have one to the SMMU. */
  'iommu-map-partial': (source) =>
    replaced(source, /iommu-map = <0x0+ (0x\w+) 0x0+ 0x10000>/, 'iommu-map = <0 $1 0 0x20>'),
  'its-disabled': (source) => replaced(source, /(its@\w+ \{)/, '$1 status = "disabled";'),
  'smmu-disabled': (source) => replaced(source, /(smmuv3@\w+ \{)/, '$1 status = "disabled";'),
}

function replaced(source: string, pattern: RegExp, replacement: string): string {
  if (!pattern.test(source)) throw new Error(`the device tree has no ${pattern.source}`)
  return source.replace(pattern, replacement)
}

/** The device tree's source text after the edit of this name. */
export function edited(name: string, source: string): string {
  const edit = EDITS[name]
  if (!edit) throw new Error(`there is no edit named ${name}`)
  return edit(source)
}
