import type { Series } from './kernels.js'

/** A machine to boot. */
export interface Machine {
  readonly name: string
  readonly series: Series
  /** Debian 12's QEMU, or sid's. */
  readonly qemu: 'host' | 'sid'
  /** x86 with a BIOS, or Arm with UEFI and ACPI or with QEMU's device tree. */
  readonly firmware: 'acpi' | 'dt' | 'bios'
  /** Options of QEMU's machine. */
  readonly board: string
  /** Sets of devices.ts. */
  readonly devices: string
  /** Words for the kernel's command line; lab.NAME is for guest/init: lab.bound, lab.hotplug, lab.trace. */
  readonly words: string
  /** An edit of edits.ts of what the firmware describes. */
  readonly edit: string
}

/** One line is a machine. `-` is empty. The three that .ci/run boots come first. */
const TABLE = `
name | kernel | QEMU | firmware | machine | devices | words | edit
its-smmu-acpi-61    | 6.1  | host | acpi | gic-version=3,its=on,iommu=smmuv3  | few  | -                  | -
v2m-smmu-acpi-61    | 6.1  | host | acpi | gic-version=2,iommu=smmuv3         | few  | -                  | -
its-smmu-dt-61      | 6.1  | host | dt   | gic-version=3,its=on,iommu=smmuv3  | few bridges | -           | -
`

const SERIES: readonly string[] = ['5.10', '6.1', '6.12', '6.18', '7.1', '7.2', '7.3'] satisfies readonly Series[]
const isSeries = (text: string): text is Series => SERIES.includes(text)
const isQemu = (text: string): text is Machine['qemu'] => text === 'host' || text === 'sid'
const isFirmware = (text: string): text is Machine['firmware'] => ['acpi', 'dt', 'bios'].includes(text)

function machine(line: string): Machine {
  const cells = line.split('|').map((cell) => cell.trim().replace(/^-$/, ''))
  const [name = '', series = '', qemu = '', firmware = '', board = '', devices = '', words = '', edit = ''] = cells
  if (!isSeries(series) || !isQemu(qemu) || !isFirmware(firmware)) throw new Error(`machines.ts: what is this: ${line}`)
  return { name, series, qemu, firmware, board, devices, words, edit }
}

export const MACHINES: readonly Machine[] = TABLE.trim().split('\n').slice(1).filter(Boolean).map(machine)
