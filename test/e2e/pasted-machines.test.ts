import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBundledMachine, openMachine } from '../../src/inputs/open-machine.js'
import { probeMachine } from '../../src/probes/machine.js'
import { buildReport } from '../../src/report/probe/build.js'
import type { Report, Verdict } from '../../src/report/types.js'
import type { Sysroot } from '../../src/sysroot/sysroot.js'
import { hasLspci } from '../support/outside.js'

/** Machines of every kind that the package brings. */
const MACHINES = [
  'x86-intel-ir-612',
  'x86-intel-noir-612',
  'x86-intel-topo-612',
  'x86-amd-ir-612',
  'x86-viommu-612',
  'arm-v3its-smmu-acpi-612',
  'arm-v3its-topo-acpi-612',
  'arm-v2m-smmu-acpi-612',
  'arm-v3its-none-dt-612',
  'arm-v3noits-smmu-dt-612',
] as const
/** Falling to unknown is allowed, and so is unknown to not isolated. */
const GRADES: Readonly<Record<Verdict, number>> = {
  'not-isolated': 0,
  unknown: 0,
  'isolated-with-caveats': 1,
  isolated: 2,
}

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'intremap-pasted-'))
})
afterAll(() => {
  rmSync(directory, { recursive: true })
})

/** Groups as the well-known shell loop prints them. */
function groupList(sysroot: Sysroot): string {
  const ids = sysroot.list('sys/kernel/iommu_groups')
  const lines: string[] = []
  for (const id of ids.state === 'known' ? ids.value : []) {
    const members = sysroot.list(`sys/kernel/iommu_groups/${id}/devices`)
    lines.push(`IOMMU Group ${id}:`)
    for (const member of members.state === 'known' ? members.value : []) lines.push(`\t${member} Device: pasted`)
  }
  return `${lines.join('\n')}\n`
}

/** What a person would paste of a machine, and the tables that acpidump -b would give. */
async function pastedFrom(name: string): Promise<{
  readonly machine: Report
  readonly texts: readonly string[]
  readonly firmware: readonly string[]
}> {
  const home = mkdtempSync(join(directory, `${name}-`))
  execFileSync('tar', ['-xzf', new URL(`../fixtures/${name}.tar.gz`, import.meta.url).pathname, '-C', home])
  const root = join(home, 'sysroot')
  const { sysroot } = await openBundledMachine(name)
  const machine = buildReport(probeMachine(sysroot))
  const write = (file: string, content: string | Uint8Array) => {
    const path = join(home, file)
    writeFileSync(path, content)
    return path
  }
  // A capture does not keep what only lspci needs: resources, and the directories that driver links lead to.
  const functions = sysroot.list('sys/bus/pci/devices')
  for (const fn of functions.state === 'known' ? functions.value : []) {
    const place = join(root, 'sys/bus/pci/devices', fn)
    writeFileSync(join(place, 'irq'), '0\n')
    const driver = sysroot.link(`sys/bus/pci/devices/${fn}/driver`)
    if (driver.state === 'known')
      mkdirSync(join(root, 'sys/bus/pci/drivers', basename(driver.value)), { recursive: true })
    writeFileSync(join(place, 'resource'), '0x0 0x0 0x0\n'.replaceAll('0x0', '0x0000000000000000').repeat(7))
  }
  const options = ['-A', 'linux-sysfs', '-O', `sysfs.path=${root}/sys/bus/pci`, '-D', '-nnvvvxxxx']
  const listing = execFileSync('lspci', options, { encoding: 'latin1', stdio: ['ignore', 'pipe', 'ignore'] })
  const texts = [write('one', listing), write('two', groupList(sysroot))]
  for (const path of ['proc/interrupts', 'var/log/dmesg', 'proc/cmdline']) {
    const read = sysroot.text(path)
    if (read.state === 'known' && read.value.trim() !== '') texts.push(write(path.replaceAll('/', '-'), read.value))
  }
  const firmware: string[] = []
  for (const table of ['DMAR', 'IVRS', 'IORT', 'APIC', 'MCFG', 'VIOT']) {
    const read = sysroot.bytes(`sys/firmware/acpi/tables/${table}`)
    if (read.state === 'known') firmware.push(write(`${table}.dat`, read.value))
  }
  return { machine, texts, firmware }
}

async function reportOf(files: readonly string[]): Promise<Report> {
  // A short command line alone says too little of itself to be told by its content.
  const known: string[] = []
  for (const file of files) {
    try {
      await openMachine({ evidence: [file] })
      known.push(file)
    } catch {
      continue
    }
  }
  return buildReport(probeMachine((await openMachine({ evidence: known })).sysroot))
}

function strengthened(pasted: Report, machine: Report): readonly string[] {
  const before = new Map(machine.devices.map((device) => [device.address, device]))
  return pasted.devices.flatMap(({ address, verdict, role }) => {
    const own = before.get(address)
    if (role !== 'endpoint' || own === undefined) return []
    return GRADES[verdict] > GRADES[own.verdict] ? [`${address}: ${own.verdict} -> ${verdict}`] : []
  })
}

const figures: string[] = []

describe.skipIf(!hasLspci)('what people would paste of a bundled machine (needs lspci)', () => {
  test.each(MACHINES)('%s is never judged better by its texts', { timeout: 60_000 }, async (name) => {
    const { machine, texts, firmware } = await pastedFrom(name)
    const [listing = ''] = texts
    for (const files of [[listing], texts, [...texts, ...firmware]]) {
      const pasted = await reportOf(files)
      expect(pasted.devices.map(({ address }) => address)).toEqual(machine.devices.map(({ address }) => address))
      expect(strengthened(pasted, machine)).toEqual([])
      const own = new Map(machine.devices.map((device) => [device.address, device.verdict]))
      const endpoints = pasted.devices.filter(({ role }) => role === 'endpoint')
      const same = endpoints.filter(({ address, verdict }) => own.get(address) === verdict).length
      figures.push(
        `${name} ${files.length} files: ${same} of ${endpoints.length} as the machine (${machine.summary.verdict} -> ${pasted.summary.verdict})`,
      )
    }
  })

  test('groups, drivers and ids are those of the machine', async () => {
    const { machine, texts } = await pastedFrom('x86-intel-topo-612')
    const pasted = await reportOf(texts)
    const shown = ({ devices }: Report) =>
      devices.map(({ address, vendorId, deviceId, classCode, driver, iommuGroup }) => [
        address,
        vendorId,
        deviceId,
        classCode,
        driver,
        iommuGroup,
      ])
    expect(shown(pasted)).toEqual(shown(machine))
    expect(pasted.groups.map(({ id, devices }) => [id, devices])).toEqual(
      machine.groups.map(({ id, devices }) => [id, devices]),
    )
  })

  test.runIf(process.env['INTREMAP_FIGURES'] !== undefined)('tells its figures', () => {
    writeFileSync(process.env['INTREMAP_FIGURES'] ?? '', `${figures.join('\n')}\n`)
    expect(readFileSync(process.env['INTREMAP_FIGURES'] ?? '', 'utf8')).not.toBe('')
  })
})
