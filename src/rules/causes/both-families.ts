import type { Cause } from './cause.js'

// What keeps the IOMMU off keeps its interrupt remapping off: the same is said of either.

type Told = Pick<Cause, 'actor' | 'title' | 'decidedBy' | 'summary' | 'remedy'>

export const STONEY_RIDGE: Told = {
  actor: 'kernel',
  title: 'Linux leaves the AMD IOMMU off beside the graphics of Stoney Ridge',
  decidedBy: 'The graphics function 1002:98e4 on bus 0, or the line of the kernel log.',
  summary: 'Linux leaves the AMD IOMMU off on Stoney Ridge, whose graphics lock up behind it',
  remedy:
    'Keep the device on the host; amd_iommu=force_enable (Linux 5.14 and later) turns the IOMMU on, at the price of graphics that may lock up.',
}

export const NO_TABLE: Told = {
  actor: 'firmware',
  title: 'The firmware has neither DMAR nor IVRS',
  decidedBy: 'The list of tables.',
  summary: 'the firmware has neither a DMAR nor an IVRS table, so that Linux knows of no IOMMU',
  remedy:
    'Turn VT-d or AMD-Vi (often called IOMMU) on in the firmware setup; where there is no such entry the hardware has none, and the device stays on the host.',
}
