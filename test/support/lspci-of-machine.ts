import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { openBundledMachine } from '../../src/inputs/open-machine.js'
import type { Sysroot } from '../../src/sysroot/sysroot.js'

/** What lspci prints of a bundled machine, one text for each list of flags, and the machine itself. */
export async function lspciOfMachine(
  name: string,
  flags: readonly (readonly string[])[],
): Promise<{ readonly sysroot: Sysroot; readonly texts: readonly string[] }> {
  const { sysroot } = await openBundledMachine(name)
  const home = mkdtempSync(join(tmpdir(), 'intremap-lspci-'))
  try {
    execFileSync('tar', ['-xzf', new URL(`../fixtures/${name}.tar.gz`, import.meta.url).pathname, '-C', home])
    const root = join(home, 'sysroot')
    const functions = sysroot.list('sys/bus/pci/devices')
    // A capture does not keep what only lspci needs: resources, and the directories that driver links lead to.
    for (const fn of functions.state === 'known' ? functions.value : []) {
      const place = join(root, 'sys/bus/pci/devices', fn)
      writeFileSync(join(place, 'irq'), '0\n')
      writeFileSync(join(place, 'resource'), `${Array(3).fill('0x0000000000000000').join(' ')}\n`.repeat(7))
      const driver = sysroot.link(`sys/bus/pci/devices/${fn}/driver`)
      if (driver.state === 'known')
        mkdirSync(join(root, 'sys/bus/pci/drivers', basename(driver.value)), { recursive: true })
    }
    const method = ['-A', 'linux-sysfs', '-O', `sysfs.path=${root}/sys/bus/pci`]
    const texts = flags.map((words) =>
      execFileSync('lspci', [...method, ...words], { encoding: 'latin1', stdio: ['ignore', 'pipe', 'ignore'] }),
    )
    return { sysroot, texts }
  } finally {
    rmSync(home, { recursive: true })
  }
}
