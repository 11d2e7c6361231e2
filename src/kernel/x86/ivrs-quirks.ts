import type { Dmi } from '../../machine/kernel.js'

/** An IO-APIC whose device id Linux itself supplies on a machine with a wrong IVRS. */
export interface IvrsQuirk {
  /** Parts of the DMI names of system vendor and product. */
  readonly vendor: string
  readonly product: string
  readonly ioApics: readonly { readonly id: number; readonly deviceId: number }[]
}

/** K: drivers/iommu/amd/quirks.c, ivrs_quirks, since 5.4; before that such a machine needs the words. */
const QUIRKS: readonly IvrsQuirk[] = [
  {
    vendor: 'Dell Inc.',
    product: 'Inspiron 7375',
    ioApics: [
      { id: 4, deviceId: 0xa0 },
      { id: 5, deviceId: 0x2 },
    ],
  },
  { vendor: 'Dell Inc.', product: 'Latitude 5495', ioApics: [{ id: 4, deviceId: 0xa0 }] },
  { vendor: 'Acer', product: 'Aspire A315-41', ioApics: [{ id: 4, deviceId: 0xa0 }] },
  { vendor: 'LENOVO', product: '81FB', ioApics: [{ id: 32, deviceId: 0xa0 }] },
]

/** The quirk of a machine, as its DMI names tell; undefined where they are not known. */
export function ivrsQuirkOf({ vendor, product }: Dmi): IvrsQuirk | undefined {
  if (vendor.state !== 'known' || product.state !== 'known') return undefined
  return QUIRKS.find((quirk) => vendor.value.includes(quirk.vendor) && product.value.includes(quirk.product))
}
