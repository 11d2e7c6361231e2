import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Machine } from '../../src/machine/machine.js'
import type { Report } from '../../src/report/types.js'
import type { Sysroot } from '../../src/sysroot/sysroot.js'
import { hasDtc } from './outside.js'

/** What people would paste of a machine, as files. */
export interface PastedTexts {
  readonly listing: string
  /** The group list, `/proc/interrupts`, the log and the command line, as far as there is something in them. */
  readonly others: readonly string[]
  /** Tables as `acpidump -b` gives them, or the device-tree blob. */
  readonly firmware: readonly string[]
}

const NO_RESOURCE = `${Array(3).fill('0x0000000000000000').join(' ')}\n`.repeat(7)

/** Groups as the well-known shell loop prints them; empty where there are none. */
function groupList(sysroot: Sysroot): string {
  const ids = sysroot.list('sys/kernel/iommu_groups')
  const lines: string[] = []
  for (const id of ids.state === 'known' ? ids.value : []) {
    const members = sysroot.list(`sys/kernel/iommu_groups/${id}/devices`)
    lines.push(`IOMMU Group ${id}:`)
    for (const member of members.state === 'known' ? members.value : []) lines.push(`\t${member} Device: pasted`)
  }
  return lines.map((line) => `${line}\n`).join('')
}

/** What lspci prints of a tree; captures do not keep all that it asks for. */
function lspciOf(root: string, sysroot: Sysroot): string {
  const functions = sysroot.list('sys/bus/pci/devices')
  for (const fn of functions.state === 'known' ? functions.value : []) {
    const place = join(root, 'sys/bus/pci/devices', fn)
    if (!existsSync(join(place, 'irq'))) writeFileSync(join(place, 'irq'), '0\n')
    if (!existsSync(join(place, 'resource'))) writeFileSync(join(place, 'resource'), NO_RESOURCE)
    const driver = sysroot.link(`sys/bus/pci/devices/${fn}/driver`)
    if (driver.state === 'known')
      mkdirSync(join(root, 'sys/bus/pci/drivers', basename(driver.value)), { recursive: true })
  }
  const options = ['-A', 'linux-sysfs', '-O', `sysfs.path=${root}/sys/bus/pci`, '-D', '-nnvvvxxxx']
  return execFileSync('lspci', options, { encoding: 'latin1', stdio: ['ignore', 'pipe', 'ignore'] })
}

/**
 * The log of a bundled machine with what its redaction took away: the drivers before group lines, and the lines of the
 * root buses (K: iommu_group_add_device; acpi_pci_root_add; devm_of_pci_get_host_bridge_resources).
 */
export function unredactedLog(sysroot: Sysroot, { functions }: Pick<Machine, 'functions'>): string {
  const log = sysroot.text('var/log/dmesg')
  if (log.state !== 'known' || log.value.trim() === '') return ''
  const buses = new Set<string>()
  for (const { rootBus } of functions.state === 'known' ? functions.value : []) {
    if (rootBus.state !== 'known') continue
    const { name, deviceTreeNode } = rootBus.value
    const [domain = '', bus = ''] = name.slice('pci'.length).split(':')
    const driver = `pci-host-generic ${deviceTreeNode.state === 'known' ? deviceTreeNode.value.slice(1) : ''}`
    const lines =
      deviceTreeNode.state === 'known'
        ? [
            `${driver}: host bridge ${deviceTreeNode.value} ranges:`,
            `${driver}: PCI host bridge to bus ${domain}:${bus}`,
          ]
        : [`ACPI: PCI Root Bridge [PC${bus}] (domain ${domain} [bus ${bus}-ff])`]
    buses.add(lines.map((line) => `[    0.500000] ${line}\n`).join(''))
  }
  const driverOf = (address: string) => {
    const link = sysroot.link(`sys/bus/pci/devices/${address}/driver`)
    return link.state === 'known' ? basename(link.value) : 'pci'
  }
  const named = log.value.replaceAll(
    /^([0-9a-f:.]{12}): Adding to/gm,
    (_, at: string) => `${driverOf(at)} ${at}: Adding to`,
  )
  return `${[...buses].join('')}${named.replaceAll(/^(?=[^[\n])/gm, '[    1.000000] ')}`
}

/** Writes to `home` what people would paste of the machine whose tree is at `root`, with `log` for its kernel log. */
export function pasteTexts(root: string, sysroot: Sysroot, home: string, log: string): PastedTexts {
  const write = (file: string, content: string | Uint8Array): readonly string[] => {
    if (content.length === 0) return []
    const path = join(home, file)
    writeFileSync(path, content)
    return [path]
  }
  const textOf = (path: string) => {
    const read = sysroot.text(path)
    return read.state === 'known' ? read.value : ''
  }
  const [listing = ''] = write('lspci', lspciOf(root, sysroot))
  const words = textOf('proc/cmdline')
  const others = [
    ...write('groups', groupList(sysroot)),
    ...write('interrupts', textOf('proc/interrupts')),
    ...write('dmesg', log),
    ...write('cmdline', words.trim() === '' ? '' : `$ cat /proc/cmdline\n${words}`),
  ]
  const tables = join(root, 'sys/firmware/acpi/tables')
  const firmware = (existsSync(tables) ? readdirSync(tables, { withFileTypes: true }) : [])
    .filter((entry) => entry.isFile())
    .flatMap(({ name }) => write(`${name}.dat`, readFileSync(join(tables, name))))
  const tree = join(root, 'sys/firmware/devicetree/base')
  if (hasDtc && existsSync(join(tree, 'compatible'))) {
    const blob = join(home, 'tree.dtb')
    execFileSync('dtc', ['-q', '-I', 'fs', '-O', 'dtb', '-o', blob, tree], { stdio: 'ignore' })
    firmware.push(blob)
  }
  return { listing, others, firmware }
}

/**
 * Whether log, interrupts and tables decide the verdict of a function of a whole machine: what it has in front of it is in
 * use by a group that the log shows, or it lacks what isolates.
 */
export function isDecidedByTexts({ iommuGroup, chain, verdict }: Report['devices'][number]): boolean {
  const kinds: readonly string[] = ['smmuv3', 'smmuv2', 'vt-d', 'amd-vi']
  if (verdict === 'unknown') return false
  return iommuGroup !== 'none' && kinds.includes(chain.iommu.kind)
}
