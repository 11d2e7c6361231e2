import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { architectureOfCpuinfo } from '../../../src/probes/architecture.js'
import { intactText, readAttribute } from '../../../src/probes/attribute.js'
import { parseNodeList, probeDeviceNodes } from '../../../src/probes/device-nodes.js'
import { parseReservedRegions } from '../../../src/probes/iommu-groups.js'
import { parseConfiguration, probeConfiguration } from '../../../src/probes/kernel-configuration.js'
import { parseKernelLog, probeKernelLog } from '../../../src/probes/kernel-log.js'
import { parseCommandLine, probeKernel } from '../../../src/probes/kernel.js'
import { probeModprobeOptions } from '../../../src/probes/modprobe.js'
import { known } from '../../../src/machine/fact.js'
import type { TreeDescription } from '../../../src/sysroot/memory-entry.js'
import { memorySysroot } from '../../../src/sysroot/memory-sysroot.js'
import { plainFact } from '../../support/plain-fact.js'

const machineWith = (tree: TreeDescription) => memorySysroot({ kind: 'emulated', name: 'texts' }, tree)
const bytes = (...values: readonly number[]) => Uint8Array.from(values)

describe('attributes', () => {
  it.each<[string, string | Uint8Array, object]>([
    ['a line', 'DMA\n', { state: 'known', value: 'DMA', from: [{ path: 'sys/a', excerpt: 'DMA' }] }],
    ['no final newline', 'DMA', { state: 'unreadable', reason: 'malformed', from: [{ path: 'sys/a' }] }],
    ['nothing', '', { state: 'unreadable', reason: 'malformed', from: [{ path: 'sys/a' }] }],
    ['a blank line', '\n', { state: 'unreadable', reason: 'malformed', from: [{ path: 'sys/a' }] }],
    ['two lines', 'a\nb\n', { state: 'unreadable', reason: 'malformed', from: [{ path: 'sys/a' }] }],
    ['a control character', 'a\u001b[2J\n', { state: 'unreadable', reason: 'malformed', from: [{ path: 'sys/a' }] }],
    ['invalid UTF-8', bytes(0x61, 0xff, 0x0a), { state: 'unreadable', reason: 'malformed', from: [{ path: 'sys/a' }] }],
  ])('%s', (_title, content, fact) => {
    expect(plainFact(readAttribute(machineWith({ 'sys/a': content }), 'sys', 'a'))).toEqual(fact)
  })

  it('keeps failures and absence apart', () => {
    const machine = machineWith({ 'sys/a': { kind: 'unreadable', reason: 'permission' } })
    expect(plainFact(readAttribute(machine, 'sys', 'a'))).toEqual({
      state: 'unreadable',
      reason: 'permission',
      from: [{ path: 'sys/a' }],
    })
    expect(plainFact(readAttribute(machine, 'sys', 'b'))).toEqual({ state: 'absent', from: [{ path: 'sys/b' }] })
    expect(intactText('', true)).toBe('')
  })
})

describe('reserved_regions', () => {
  it('reads inclusive ranges of every type', () => {
    expect(
      parseReservedRegions([
        '0x0000000000000000 0x0000000000ffffff direct-relaxable',
        '0x00000000fee00000 0x00000000feefffff msi',
        '0x000000fd00000000 0x000000ffffffffff reserved',
        '0xfffffffffffff000 0xffffffffffffffff newer',
      ]),
    ).toEqual([
      { start: 0n, end: 0xff_ffffn, type: 'direct-relaxable' },
      { start: 0xfee0_0000n, end: 0xfeef_ffffn, type: 'msi' },
      { start: 0xfd_0000_0000n, end: 0xff_ffff_ffffn, type: 'reserved' },
      { start: 0xffff_ffff_ffff_f000n, end: 0xffff_ffff_ffff_ffffn, type: 'other' },
    ])
  })

  it.each([
    '0x8000000 0x80fffff msi',
    '0x0000000008000000 0x00000000080fffff',
    '0x0000000008000000  0x00000000080fffff msi',
    '0x0000000008000000 0x0000000007ffffff msi',
    '',
  ])('takes the line "%s" for damaged', (line) => {
    expect(parseReservedRegions([line])).toBeUndefined()
  })
})

describe('kernel', () => {
  it('splits the command line as the kernel does', () => {
    expect(parseCommandLine('BOOT_IMAGE=/vmlinuz  iommu.passthrough=1 dyndbg="file x +p" "a b"=c quiet')).toEqual([
      'BOOT_IMAGE=/vmlinuz',
      'iommu.passthrough=1',
      'dyndbg=file x +p',
      'a b=c',
      'quiet',
    ])
  })

  it('needs release and version to agree', () => {
    const release = (osrelease?: string, version?: string) => {
      const tree: Record<string, string> = { 'proc/cmdline': '\n' }
      if (osrelease !== undefined) tree['proc/sys/kernel/osrelease'] = osrelease
      if (version !== undefined) tree['proc/version'] = version
      const { release: fact, commandLine } = probeKernel(machineWith(tree), known([]))
      expect(commandLine).toMatchObject({ state: 'known', value: [] })
      return fact.state === 'known' ? fact.value : fact.state
    }
    expect(release('6.1.0-50-amd64\n', 'Linux version 6.1.0-50-amd64 (x) #1\n')).toBe('6.1.0-50-amd64')
    expect(release(undefined, 'Linux version 6.1.0-50-amd64 (x) #1\n')).toBe('6.1.0-50-amd64')
    expect(release('6.1.0-50-amd64\n')).toBe('6.1.0-50-amd64')
    expect(release('6.1.0-50-amd6', 'Linux version 6.1.0-50-amd64 (x) #1\n')).toBe('6.1.0-50-amd64')
    expect(release('6.1.0-50-amd64\n', 'Linux version 6.12.0 (x) #1\n')).toBe('unreadable')
    expect(release('../../etc\n')).toBe('unreadable')
  })

  it('takes a parameter that a loaded module always has, and that is missing, for damage', () => {
    const parameter = (tree: TreeDescription, name: string) =>
      probeKernel(machineWith(tree), known([])).parameters.get(name)?.value
    const loaded = { 'sys/module/arm_smmu/parameters/force_stage': '0\n', 'sys/module/vfio/refcnt': '0\n' }
    expect(parameter(loaded, 'arm_smmu.disable_bypass')).toMatchObject({ state: 'unreadable' })
    expect(parameter(loaded, 'vfio.enable_unsafe_noiommu_mode')).toMatchObject({ state: 'absent' })
    expect(parameter(loaded, 'iommufd.allow_unsafe_interrupts')).toMatchObject({ state: 'absent' })
    expect(parameter({}, 'iommufd.allow_unsafe_interrupts')).toMatchObject({ state: 'unreadable' })
  })

  it.each([
    ['arm64', 'CPU implementer\t: 0x41\nFeatures\t: fp asimd\nCPU architecture: 8'],
    ['arm', 'model name\t: ARMv7\nFeatures\t: half thumb fastmult vfp\nCPU implementer\t: 0x41\nCPU architecture: 7'],
    ['x86_64', 'processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu lm'],
    ['riscv64', 'processor\t: 0\nhart\t\t: 0\nisa\t\t: rv64imafdch\nmmu\t\t: sv57'],
    ['s390x', 'vendor_id       : IBM/S390\n# processors    : 2'],
    ['powerpc', 'processor\t: 0\ncpu\t\t: POWER9, altivec supported\nrevision\t: 2.2'],
    ['loongarch64', 'system type\t\t: generic-loongson-machine\n\nCPU Family\t\t: Loongson-64bit'],
    [undefined, 'processor\t: 0'],
  ])('tells %s by the shape of cpuinfo', (architecture, text) => {
    expect(architectureOfCpuinfo(text.split('\n'))).toBe(architecture)
  })

  it('needs the witnesses of the architecture to agree', () => {
    const cpuinfo = known(['vendor_id\t: GenuineIntel', 'flags\t\t: fpu lm'])
    const architecture = (tree: TreeDescription, lines = cpuinfo) => probeKernel(machineWith(tree), lines).architecture
    expect(architecture({ 'proc/sys/kernel/arch': 'x86_64\n' })).toMatchObject({ state: 'known', value: 'x86_64' })
    expect(architecture({ 'proc/sys/kernel/arch': 'aarch64\n' })).toMatchObject({ reason: 'malformed' })
    expect(architecture({ 'proc/sys/kernel/osrelease': '6.12.95+deb12-arm64\n' }, known(['x']))).toMatchObject({
      state: 'known',
      value: 'arm64',
    })
  })
})

describe('configuration', () => {
  const TEXT = '# Linux/arm64\nCONFIG_ARM64=y\nCONFIG_VFIO=m\n# CONFIG_IOMMUFD is not set\nCONFIG_LOCALVERSION="x"\n'

  it('keeps the options that the tool needs', () => {
    expect(parseConfiguration(TEXT)).toEqual(
      new Map([
        ['CONFIG_ARM64', 'y'],
        ['CONFIG_VFIO', 'm'],
        ['CONFIG_IOMMUFD', 'n'],
      ]),
    )
    expect(parseConfiguration(TEXT.slice(0, -1))).toBeUndefined()
    expect(parseConfiguration('hello\n')).toBeUndefined()
  })

  it('reads config.gz, else the file of the release', () => {
    const release = known('6.12.95')
    const gz = new Uint8Array(gzipSync(TEXT))
    expect(probeConfiguration(machineWith({ 'proc/config.gz': gz }), release)).toMatchObject({
      state: 'known',
      from: [{ path: 'proc/config.gz' }],
    })
    expect(probeConfiguration(machineWith({ 'proc/config.gz': gz.subarray(0, -9) }), release)).toMatchObject({
      state: 'unreadable',
      reason: 'malformed',
    })
    expect(probeConfiguration(machineWith({ 'boot/config-6.12.95': TEXT }), release)).toMatchObject({ state: 'known' })
    expect(probeConfiguration(machineWith({ 'boot/config-6.1': TEXT }), release)).toMatchObject({ state: 'absent' })
  })

  it('does not inflate a bomb', () => {
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(64 * 1024 * 1024)))
    expect(probeConfiguration(machineWith({ 'proc/config.gz': bomb }), known('6.12'))).toMatchObject({
      state: 'unreadable',
    })
  })
})

describe('device nodes', () => {
  it('reads the list of a capture, where it decides', () => {
    const list = 'dir 0755 - /dev/vfio\nchr 0666 10:196 /dev/vfio/vfio\nabsent - - /dev/iommu\n'
    expect(probeDeviceNodes(machineWith({ 'dev/nodes.txt': list, 'dev/iommu': '' }))).toMatchObject({
      value: new Set(['dev/vfio/vfio']),
    })
    expect(parseNodeList(['chr 0666 10:196 /etc/passwd'])).toBeUndefined()
    expect(parseNodeList([''])).toBeUndefined()
  })

  it('else lists directories', () => {
    const tree = {
      'dev/iommu': '',
      'dev/sda': '',
      'dev/vfio/vfio': '',
      'dev/vfio/12': '',
      'dev/vfio/devices/vfio0': '',
    }
    expect(probeDeviceNodes(machineWith(tree))).toMatchObject({
      value: new Set(['dev/iommu', 'dev/vfio/12', 'dev/vfio/vfio', 'dev/vfio/devices/vfio0']),
    })
    expect(probeDeviceNodes(machineWith({ 'dev/null': '' }))).toMatchObject({ state: 'known', value: new Set() })
    expect(probeDeviceNodes(machineWith({}))).toMatchObject({ state: 'unreadable', reason: 'not-collected' })
  })
})

describe('modprobe.d', () => {
  it('lets /etc hide a file of the same name, and a later line win', () => {
    const options = probeModprobeOptions(
      machineWith({
        'etc/modprobe.d/vfio.conf': '# note\noptions vfio-iommu-type1 \\\n allow_unsafe_interrupts=1\n',
        'lib/modprobe.d/vfio.conf': 'options vfio enable_unsafe_noiommu_mode=1\n',
        'lib/modprobe.d/z.conf': 'options iommufd allow_unsafe_interrupts=N\noptions iommufd allow_unsafe_interrupts=Y',
        'etc/modprobe.d/readme': 'options x y=1\n',
      }),
    )
    expect(options).toMatchObject({
      state: 'known',
      value: new Map([
        ['vfio_iommu_type1.allow_unsafe_interrupts', '1'],
        ['iommufd.allow_unsafe_interrupts', 'Y'],
      ]),
    })
    expect(probeModprobeOptions(machineWith({}))).toMatchObject({ state: 'absent' })
  })
})

describe('kernel log', () => {
  it('keeps the telling lines without level, time and caller', () => {
    expect(
      parseKernelLog(
        '<6>[    0.000000] GICv3: GICv3 features: 16 PPIs\n' +
          '[    0.000000][    T0] ITS [mem 0x08080000-0x0809ffff]\n' +
          '<6>[    1.5] usb 1-1: new device\n' +
          '[   12.345678] pci 0000:00:01.0: Adding to iommu group 0\n',
      ),
    ).toEqual({
      lines: [
        'GICv3: GICv3 features: 16 PPIs',
        'ITS [mem 0x08080000-0x0809ffff]',
        'pci 0000:00:01.0: Adding to iommu group 0',
      ],
      unread: 0,
      total: 4,
      earlierStarts: 0,
    })
  })

  it('is unreadable where some of it is, with what was read beside it', () => {
    const facts = (text: string) => probeKernelLog(machineWith({ 'var/log/dmesg': text }))
    expect(facts('[    0.0] GICv3: 256 SPIs implemented\n')).toEqual({
      log: known(['GICv3: 256 SPIs implemented'], { path: 'var/log/dmesg' }),
    })
    expect(facts('[    0.0] GICv3: 256 SPIs implemented\n[    0.0] ITS: No')).toMatchObject({
      log: { state: 'unreadable', reason: 'malformed' },
      logInPart: { lines: ['GICv3: 256 SPIs implemented'], unread: 1, total: 2 },
    })
    expect(facts('')).toMatchObject({ log: { state: 'unreadable' } })
  })
})
