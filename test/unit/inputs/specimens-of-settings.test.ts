import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { CONFIGURATION_OPTIONS } from '../../../src/machine/kernel-configuration.js'
import { recognise } from '../../../src/inputs/recognise.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { mangles, readText, valueOf } from '../../support/mangled-texts.js'

const OWN = '/proc/config.gz'
const UNAME = 'Linux host 6.1.0-13-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.55-1 (2023-09-29) x86_64 GNU/Linux\n'
const CONFIGURATION = `#
# Automatically generated file; DO NOT EDIT.
# Linux/x86 6.1.55 Kernel Configuration
#
CONFIG_CC_VERSION_TEXT="gcc-12 (Debian 12.2.0-14) 12.2.0"
CONFIG_GCC_VERSION=120200

#
# IRQ subsystem
#
CONFIG_GENERIC_MSI_IRQ=y
# CONFIG_GENERIC_IRQ_DEBUGFS is not set
# end of IRQ subsystem

CONFIG_PCI_MSI=y
CONFIG_AMD_IOMMU=y
CONFIG_INTEL_IOMMU=y
# CONFIG_INTEL_IOMMU_DEFAULT_ON is not set
CONFIG_IRQ_REMAP=y
CONFIG_VFIO=m
`
const OPTIONS = {
  CONFIG_GENERIC_MSI_IRQ: 'y',
  CONFIG_GENERIC_IRQ_DEBUGFS: 'n',
  CONFIG_PCI_MSI: 'y',
  CONFIG_AMD_IOMMU: 'y',
  CONFIG_INTEL_IOMMU: 'y',
  CONFIG_INTEL_IOMMU_DEFAULT_ON: 'n',
  CONFIG_IRQ_REMAP: 'y',
  CONFIG_VFIO: 'm',
}
const SEARCHED = `CONFIG_INTEL_IOMMU=y
# CONFIG_INTEL_IOMMU_DEFAULT_ON is not set
CONFIG_IRQ_REMAP=y
`

const kernelOf = (text: string | Uint8Array) =>
  probeMachine(readText(typeof text === 'string' ? Buffer.from(text) : text).sysroot).kernel
const optionsOf = (text: string | Uint8Array) => {
  const { configuration } = kernelOf(text)
  return configuration.state === 'known' ? Object.fromEntries(configuration.value) : configuration.state
}

describe('a whole kernel configuration', () => {
  test.each(mangles)('%s', (how, mangle) => {
    const bytes = mangle(CONFIGURATION)
    expect(recognise(bytes).kind, how).toBe('text')
    expect(readText(bytes).found.map(({ kind }) => kind)).toEqual(['kernel configuration'])
    expect(optionsOf(bytes)).toEqual(OPTIONS)
    expect(valueOf(kernelOf(bytes).release)).toBe('6.1.55')
    expect(valueOf(kernelOf(bytes).architecture)).toBe('x86_64')
  })

  test('cut anywhere it tells no option that is not there', () => {
    for (let length = 1; length < CONFIGURATION.length; length += 7) {
      const options = optionsOf(CONFIGURATION.slice(0, length))
      if (typeof options !== 'string') expect(OPTIONS).toMatchObject(options)
    }
  })

  test.each([
    ['before', `${CONFIGURATION}\n$ uname -a\n${UNAME}`],
    ['behind', `${UNAME}\n${CONFIGURATION}`],
  ])('%s a line that tells the release, which distributions number otherwise', (_, text) => {
    expect(valueOf(kernelOf(text).release)).toBe('6.1.0-13-amd64')
    expect(optionsOf(text)).toEqual(OPTIONS)
  })

  test('of another series tells nothing of the kernel that runs', () => {
    expect(optionsOf(`${UNAME}\n${CONFIGURATION.replace('6.1.55', '5.10.1')}`)).toBe('unreadable')
    expect(optionsOf(`${CONFIGURATION}\n${CONFIGURATION.replace('6.1.55', '5.10.1')}`)).toBe('unreadable')
  })
})

describe('lines of a kernel configuration that somebody searched for', () => {
  const options = { CONFIG_INTEL_IOMMU: 'y', CONFIG_INTEL_IOMMU_DEFAULT_ON: 'n', CONFIG_IRQ_REMAP: 'y' }

  test.each(mangles)('%s', (how, mangle) => {
    expect(recognise(mangle(SEARCHED)).kind, how).toBe('text')
    expect(optionsOf(mangle(SEARCHED))).toEqual(options)
    expect(kernelOf(mangle(SEARCHED)).release.state).toBe('unreadable')
  })

  test('behind the command, with the name of the file, and with the release', () => {
    expect(optionsOf(`user@host:~$ zcat /proc/config.gz | grep -E 'IOMMU|REMAP'\n${SEARCHED}`)).toEqual(options)
    expect(optionsOf(SEARCHED.replaceAll(/^(?=.)/gm, '/boot/config-6.1.0-13-amd64:'))).toEqual(options)
    expect(optionsOf(`${UNAME}${SEARCHED}`)).toEqual(options)
  })

  test('of two kernels leave out what the kernels do not share', () => {
    const text = `config-6.1:CONFIG_IRQ_REMAP=y\nconfig-6.1:CONFIG_VFIO=m\nconfig-5.4:# CONFIG_IRQ_REMAP is not set\nconfig-5.4:CONFIG_VFIO=m\n`
    expect(optionsOf(text)).toEqual({ CONFIG_VFIO: 'm' })
  })
})

describe('the release of the kernel', () => {
  const releaseOf = (text: string) => valueOf(kernelOf(text).release)
  const LOG = '[    0.1] iommu: Default domain type: Translated\n[    0.2] random: crng init done\n'

  test.each([
    ['as uname prints it alone', 'root@host:~# uname -r\n6.12.54-Unraid\n', '6.12.54-Unraid'],
    ['at a bare prompt', '# uname -r\n6.12.54-Unraid\n', '6.12.54-Unraid'],
    ['behind an empty line', '$ uname -r\n\n6.1.0-26-arm64\n', '6.1.0-26-arm64'],
    ['with the machine', '$ uname -mr\n6.1.0-26-arm64 aarch64\n', '6.1.0-26-arm64'],
    ['of pveversion', 'pve-manager/8.1.3/b46aac3b42da5d15 (running kernel: 6.5.11-7-pve)\n', '6.5.11-7-pve'],
    ['of pveversion -v', 'proxmox-ve: 8.1.0 (running kernel: 6.5.11-7-pve)', '6.5.11-7-pve'],
    ['of hostnamectl', '            Kernel: Linux 6.12.9-arch1-1\n', '6.12.9-arch1-1'],
    ['that nobody asked for', '6.12.54-Unraid\n', 'unreadable'],
    ['behind another prompt', '$ uname -r\n$ ls\n6.12.54-Unraid\n', 'unreadable'],
    ['which is another line', '$ uname -r\nno idea\n6.12.54-Unraid\n', 'unreadable'],
    // 6.1 may be 6.12.
    ['at the very end, where it may be cut', '$ uname -r\n6.1', 'unreadable'],
    ['of hostnamectl, likewise', 'Kernel: Linux 6.1', 'unreadable'],
    [
      'of packages that do not run',
      'pve-kernel-6.2: 8.0.5\npve-manager: 8.1.3 (running version: 8.1.3/b46aac3b)\n',
      'unreadable',
    ],
  ])('%s', (_, text, release) => {
    expect(releaseOf(`${LOG}\n${text}`)).toBe(release)
  })

  test('comes with the architecture where that is there', () => {
    expect(valueOf(kernelOf('$ uname -rm\n6.1.0-26-arm64 aarch64\n').architecture)).toBe('arm64')
  })
})

describe.skipIf(!existsSync(OWN))(`the configuration of this host's kernel (needs ${OWN})`, () => {
  const whole = existsSync(OWN) ? gunzipSync(readFileSync(OWN)).toString('latin1') : ''
  /** Reads the options as grep finds them. */
  const expected = Object.fromEntries(
    CONFIGURATION_OPTIONS.flatMap((option) => {
      const set = whole.split('\n').find((line) => line.startsWith(`CONFIG_${option}=`))
      const unset = whole.includes(`\n# CONFIG_${option} is not set\n`)
      return set === undefined
        ? unset
          ? [[`CONFIG_${option}`, 'n']]
          : []
        : [[`CONFIG_${option}`, set.slice(set.indexOf('=') + 1)]]
    }),
  )

  test.each(mangles)('%s', (how, mangle) => {
    expect(recognise(mangle(whole)).kind, how).toBe('text')
    expect(optionsOf(mangle(whole))).toEqual(expected)
  })

  test('through grep', () => {
    const found = execFileSync('sh', ['-c', `zcat ${OWN} | grep -E 'IOMMU|REMAP|MSI|VFIO'`], { encoding: 'latin1' })
    const options = optionsOf(found)
    if (typeof options === 'string') throw new Error(options)
    expect(expected).toMatchObject(options)
    expect(Object.keys(options).length).toBeGreaterThan(2)
  })
})
