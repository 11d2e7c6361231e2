import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { commandLine } from '../../../src/capture/redacted-command-line.js'
import { dmiName, firmwareVersion } from '../../../src/capture/redacted-identity.js'
import { interruptDomain, interruptDomains, procInterrupts } from '../../../src/capture/redacted-interrupts.js'
import { compressedConfiguration, modprobe } from '../../../src/capture/redacted-kernel-files.js'
import { kernelLog } from '../../../src/capture/redacted-kernel-log.js'
import { DAMAGED, textOf, type Redaction } from '../../../src/capture/redacted-text.js'
import { Budget } from '../../../src/budget/budget.js'
import { RedactingSysroot } from '../../../src/capture/redacting-sysroot.js'
import { redactionOf } from '../../../src/capture/redaction-policy.js'
import { BINDING_PROPERTIES } from '../../../src/machine/devicetree-properties.js'
import { RecordingSysroot } from '../../../src/sysroot/recording-sysroot.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { bundledMachines } from '../../support/machines.js'

/** What is left of content that is not too large. */
const left = (redaction: Redaction, content: Uint8Array): Uint8Array =>
  redaction(content, new Budget()) ?? expect.fail('the content is too large')
const apply = (redaction: Redaction, text: string) => textOf(left(redaction, new TextEncoder().encode(text)))

describe('the policy', () => {
  it('has a line for every file that a probe reads of a bundled machine', async () => {
    const unnamed = new Set<string>()
    let reads = 0
    for (const { sysroot } of await bundledMachines()) {
      const recording = new RecordingSysroot(sysroot)
      probeMachine(recording)
      for (const { kind, path, result } of recording.record().reads) {
        if (kind !== 'text' && kind !== 'bytes') continue
        reads += 1
        if (result.state === 'known' && !redactionOf(path)) unnamed.add(path)
      }
    }
    expect([...unnamed]).toEqual([])
    expect(reads).toBeGreaterThan(5000)
  })

  it('has none for files that nobody reads', () => {
    for (const path of [
      'etc/hostname',
      'etc/shadow',
      'proc/sys/kernel/hostname',
      'sys/class/dmi/id/product_serial',
      'sys/class/net/eth0/address',
      'sys/firmware/acpi/tables/DSDT',
      'sys/firmware/acpi/tables/SSDT1',
      'sys/bus/pci/devices/0000:00:01.0/vpd',
      'sys/bus/pci/devices/0000:00:01.0/rom',
    ])
      expect([path, redactionOf(path)]).toEqual([path, undefined])
  })

  it('keeps the command-line parameters that the rules and the kernel part ask for', () => {
    const asked = new Set<string>()
    for (const directory of ['src/kernel', 'src/rules', 'src/routes']) {
      for (const file of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
        if (!file.endsWith('.ts')) continue
        const source = readFileSync(`${directory}/${file}`, 'utf8')
        for (const [, name] of source.matchAll(/(?:commandLineValues|partsOf|ivrsWords)\([^,()]+, '([^']+)'\)/g))
          if (name !== undefined) asked.add(name)
        for (const [, name] of source.matchAll(/'((?:vfio|iommufd|arm_smmu|irqchip)\w*\.\w+)'/g))
          if (name !== undefined) asked.add(name)
      }
    }
    expect(asked.size).toBeGreaterThan(5)
    for (const name of asked) {
      expect(apply(commandLine, `${name}\n`)).toBe(`${name}\n`)
      expect(apply(commandLine, `${name}=1\n`)).toBe(`${name}=1\n`)
    }
  })

  it('keeps every property that the bindings read but the free text of the model', () => {
    const kept = [...BINDING_PROPERTIES].filter((name) => {
      const redaction = redactionOf(`sys/firmware/devicetree/base/soc/${name}`)
      return redaction && apply(redaction, 'value') === 'value'
    })
    expect([...BINDING_PROPERTIES].filter((name) => !kept.includes(name))).toEqual(['model'])
  })
})

describe('the command line', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['quiet', 'redacted-1'],
    ['quiet splash quiet', 'redacted-1 redacted-2 redacted-1'],
    ['intremap=off,nosid', 'intremap=off,nosid'],
    ['intremap=nosid,myhost', 'intremap=nosid,redacted'],
    ['iommu.passthrough=1 iommu=pt', 'iommu.passthrough=1 iommu=pt'],
    ['vfio-pci.ids=8086:10fb,10de:20b5', 'vfio-pci.ids=8086:10fb,10de:20b5'],
    ['pci=config_acs=1x1@0000:00:01.0,noats', 'pci=config_acs=1x1@0000:00:01.0,noats'],
    ['pci=de:ad:be:ef:00:01', 'pci=redacted'],
    [
      'intel_iommu=on pcie_acs_override=downstream,multifunction',
      'intel_iommu=on pcie_acs_override=downstream,multifunction',
    ],
    [
      'ivrs_ioapic[7]=00:14.0 ivrs_ioapic=8@0000:00:00.1 ivrs_hpet[0]=00:14.0',
      'ivrs_ioapic[7]=00:14.0 ivrs_ioapic=8@0000:00:00.1 ivrs_hpet[0]=00:14.0',
    ],
    ['ivrs_ioapic[7]=myhost', 'ivrs_ioapic[7]=redacted'],
    ['irqchip.gicv3_nolpi=true1', 'irqchip.gicv3_nolpi=true'],
    ['iommufd.allow_unsafe_interrupts=Yes_host', 'iommufd.allow_unsafe_interrupts=y'],
    ['initcall_blacklist=arm_smmu_driver_init', 'initcall_blacklist=arm_smmu_driver_init'],
    ['module_blacklist=nouveau,myhost_smmu', 'module_blacklist=redacted,smmu'],
    ['a="b c" d', 'redacted-1 redacted-2'],
    ['redacted-1 redacted-2', 'redacted-1 redacted-2'],
    ['', ''],
  ]
  it.each(rows)('%s', (line, kept) => {
    expect(apply(commandLine, `${line}\n`)).toBe(`${kept}\n`)
  })

  it('stays damaged when it was cut', () => {
    expect(left(commandLine, new TextEncoder().encode('intremap=off'))).toBe(DAMAGED)
    expect(left(commandLine, new TextEncoder().encode('intremap=off\0\n'))).toBe(DAMAGED)
  })
})

describe('the kernel log', () => {
  const kept = [
    'ITS [mem 0x08080000-0x0809ffff]',
    'ITS@0x0000000008080000: No ITS detected',
    'ITS@0x0000000008080000: allocated 8192 Devices @401d0000 (indirect, esz 8, psz 64K, shr 1)',
    'ITS: No ITS available, not enabling LPIs',
    'ITS@0x0000000008080000: Unable to map ITS registers',
    '/intc@8000000/its@8080000: no msi-controller property, ITS ignored',
    '/intc@8000000/its@8080000: no regs?',
    '0000:00:02.0: deferred probe timeout, ignoring dependency',
    'GICv2m: range[mem 0x08020000-0x08020fff], SPI[80:143]',
    'GICv3: 256 SPIs implemented',
    'GICv3: GICv4 features: 16 PPIs',
    'GICv5 ITS: failed',
    'GIC: enabling workaround for ITS: Cavium errata 22375, 24313',
    'GIC: enabling workaround for ITS: Socionext Synquacer pre-ITS',
    'arm-smmu-v3 9050000.smmuv3: IDR0.COHACC overridden by FW configuration (false)',
    '0000:03:02.0: stream 768 already in tree from dev 0000:03:01.0',
    '0000:03:02.0: Aliasing StreamID 0x300 (from 0000:03:01.0) unsupported',
    'iommu: Default domain type: Translated',
    'DMAR-IR: Enabled IRQ remapping in x2apic mode',
    'DMAR-IR: Not enabling interrupt remapping',
    'Not enabling interrupt remapping due to skipped IO-APIC setup',
    'Compatibility-format IRQs enabled despite intr remapping',
    'AMD-Vi: Interrupt remapping enabled',
    'Unknown kernel command line parameters "pcie_acs_override"',
    'CPU: All CPU(s) started at EL2',
  ]
  it('keeps the lines that tell something, without what surrounds them', () => {
    const log = kept.map(
      (line, index) => `[    ${index}.123456][    T1] ${line}${/EL2$|workaround/.test(line) ? '' : ' at myhost'}\n`,
    )
    expect(apply(kernelLog, log.join(''))).toBe(kept.map((line) => `${line}\n`).join(''))
  })

  it('keeps only the figures of lines with free words', () => {
    const line = 'GICv5 ITS: ITS its@2f120000 enabled using a myhost device table device_id_bits 16 event'
    expect(apply(kernelLog, `${line}\n`)).toBe(
      'GICv5 ITS: ITS its@2f120000 enabled using device table device_id_bits 16\n',
    )
    expect(apply(kernelLog, 'GICv5 ITS: myhost has failed\n')).toBe('GICv5 ITS: failed\n')
    expect(apply(kernelLog, 'GIC: enabling workaround for ITS: one of myhost\n')).toBe(
      'GIC: enabling workaround for ITS: redacted\n',
    )
  })

  it('stays whole, cut and empty as it was', () => {
    expect(apply(kernelLog, 'nothing to tell\n')).toBe('\n')
    expect(apply(kernelLog, '\n')).toBe('\n')
    expect(apply(kernelLog, 'GICv3: 256 SPIs implemented\nGICv3: 25')).toBe(
      'GICv3: 256 SPIs implemented\n-- 1 of 2 lines not read --\n',
    )
    expect(apply(kernelLog, 'GICv3: 256 SPIs implemented\n-- 1 of 2 lines not read --\n')).toBe(
      'GICv3: 256 SPIs implemented\n-- 1 of 2 lines not read --\n',
    )
    expect(apply(kernelLog, '')).toBe('')
  })
})

// K: kernel/irq/irqdomain.c. Up to 4.19 the name of an anonymous node is a hidden address; as 4.15 printed it.
describe('interrupt domains', () => {
  it.each([
    'irqchip@        (ptrval)-4',
    'irqchip@(____ptrval____)-4',
    'irqchip@0x0000000008080000-4',
    ':intc@8000000-1',
  ])('keep the name %s', (name) => {
    const domain = `name:   ${name}\n size:   0\n mapped: 20\n flags:  0x00000023\n`
    expect(apply(interruptDomain, domain)).toBe(domain.replace('20', '0'))
    expect(apply(interruptDomains, `handler:  handle_edge_irq\ndomain:  ${name}\n parent:\n`)).toBe(
      `handler:\ndomain:  ${name}\n parent:\n`,
    )
  })

  it('end where something else begins', () => {
    expect(apply(interruptDomain, 'name:   a\n size:   0\n secret: b\n')).toBe('name:   a\n size:   0\n')
  })
})

describe('other files', () => {
  it.each([
    ['Dell Inc.', 'Dell Inc.'],
    ['QEMU Standard PC (Q35 + ICH9, 2009)', 'QEMU'],
    ['KVM Virtual Machine', 'KVM'],
    ['KVMyhost', 'redacted'],
    ['Amazon EC2', 'Amazon EC2'],
    ['m7g.metal', 'redacted.metal'],
    ['m7g.metal-48xl', 'redacted.metal'],
    ['redacted.metal', 'redacted.metal'],
    ['PowerEdge of myhost', 'redacted'],
    ['PowerEdge R750', 'PowerEdge R750'],
    ['ProLiant DL380 Gen10 Plus', 'ProLiant DL380 Gen10 Plus'],
    ['ThinkPad of Jane', 'redacted'],
    ['PowerEdge R750 SN1234567', 'redacted'],
  ])('DMI name %s', (name, kept) => {
    expect(apply(dmiName, `${name}\n`)).toBe(`${kept}\n`)
  })

  it.each([
    ['2.10.2', '2.10.2'],
    ['U46 v2.80', 'U46 v2.80'],
    ['edk2-stable202408-1', 'edk2-stable202408-1'],
    ['built by jane on myhost', 'redacted'],
    ['myhost', 'redacted'],
    ['00:11:22:33:44:55', 'redacted'],
  ])('firmware version %s', (version, kept) => {
    expect(apply(firmwareVersion, `${version}\n`)).toBe(`${kept}\n`)
  })

  it('users of an interrupt go, also where nothing marks the hardware number', () => {
    const kept = (description: string) => apply(procInterrupts, `CPU0\n 7: 12 ${description}\n`).split('\n')[1]
    expect(kept('XT-PIC acme host 7')).toBe('7: 0 XT-PIC -')
    expect(kept('BRCM STB PCIe MSI 524288 acme')).toBe('7: 0 BRCM STB PCIe MSI 524288')
    expect(kept('GICv3  27 Level     acme')).toBe('7: 0 GICv3  27 Level')
    expect(kept('XT-PIC 2 acme')).toBe('7: 0 XT-PIC 2')
  })

  it('a compatible string that no binding has keeps its length', () => {
    const redaction = redactionOf('sys/firmware/devicetree/base/soc/compatible') ?? expect.fail('no redaction')
    const text = 'arm,gic-v3\0simple-bus\0Board of Alice\0'
    expect(apply(redaction, text)).toBe('arm,gic-v3\0simple-bus\0xxxxxxxxxxxxxx\0')
    expect(apply(redaction, apply(redaction, text))).toBe(apply(redaction, text))
  })

  it('modprobe.d keeps what allows something', () => {
    const text =
      '# myhost\noptions vfio-iommu-type1 \\\n allow_unsafe_interrupts=1 other=myhost\ninstall x /bin/myhost\n'
    expect(apply(modprobe, text)).toBe('options vfio_iommu_type1 allow_unsafe_interrupts=1\n')
    expect(apply(modprobe, 'options arm-smmu disable-bypass=myhost')).toBe('options arm_smmu disable_bypass=redacted\n')
  })

  it('a compressed configuration is compressed anew only when something goes', () => {
    const once = left(compressedConfiguration, gzipSync('CONFIG_ARM64=y\nCONFIG_LOCALVERSION="-myhost"\n'))
    expect(gunzipSync(once).toString()).toBe('CONFIG_ARM64=y\n')
    expect(left(compressedConfiguration, once)).toBe(once)
    expect(left(compressedConfiguration, once.subarray(0, 12))).toBe(DAMAGED)
  })

  it('a file that is not there stays absent, one that nobody names is withheld', async () => {
    const [machine] = await bundledMachines()
    if (!machine) throw new Error('no bundled machine')
    const sysroot = new RedactingSysroot(
      machine.sysroot.withChange('etc/secret', { kind: 'bytes', bytes: new Uint8Array(3) }),
    )
    expect(sysroot.bytes('etc/secret')).toEqual({ state: 'unreadable', reason: 'permission' })
    expect(sysroot.list('etc')).toMatchObject({ state: 'unreadable' })
  })
})
