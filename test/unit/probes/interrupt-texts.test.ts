import { describe, expect, it } from 'vitest'
import { parseDomainChain, parseInterruptDomain, probeInterruptDomains } from '../../../src/probes/irq-domains.js'
import { chipInDescription, parseProcInterrupts } from '../../../src/probes/proc-interrupts.js'
import { memorySysroot } from '../../../src/sysroot/memory-sysroot.js'

const ORIGIN = { kind: 'emulated', name: 'texts' } as const

/** Linux 7.2, VT-d: the file goes on with the vector matrix. */
const REMAPPED = `name:   IR-PCI-MSIX-0000:00:03.0-11
 size:   0
 mapped: 3
 flags:  0x00000213
            IRQ_DOMAIN_FLAG_HIERARCHY
            IRQ_DOMAIN_FLAG_MSI_DEVICE
 parent: INTEL-IR-0-12
    name:   INTEL-IR-0-12
     size:   65536
     mapped: 29
     flags:  0x00000123
                IRQ_DOMAIN_FLAG_ISOLATED_MSI
     parent: VECTOR
        name:   VECTOR
         size:   0
         mapped: 30
         flags:  0x00000103
Online bitmaps:        2
         | CPU | avl | man | mac | act | vectors
             0   195     1     1    7  32-37,48`.split('\n')

describe('irq/domains', () => {
  it('reads the chain with the flags of each, and stops at the vector matrix', () => {
    expect(parseInterruptDomain(REMAPPED)).toEqual({
      name: 'IR-PCI-MSIX-0000:00:03.0-11',
      flags: 0x213,
      parents: [
        { name: 'INTEL-IR-0-12', flags: 0x123 },
        { name: 'VECTOR', flags: 0x103 },
      ],
    })
  })

  it.each([
    ['empty', []],
    ['cut before the flags', REMAPPED.slice(0, 3)],
    ['cut after a parent was named', REMAPPED.slice(0, 7)],
    ['cut inside the parent', REMAPPED.slice(0, 9)],
    [
      'another parent than the one named',
      REMAPPED.map((line) => line.replace('    name:   INTEL', '    name:   OTHER')),
    ],
    ['flags of another width', REMAPPED.map((line) => line.replace('0x00000213', '0x213'))],
  ])('takes a file for damaged: %s', (_title, lines) => {
    expect(parseInterruptDomain(lines)).toBeUndefined()
  })

  it('passes over `default`, and calls all unreadable for one damaged or misnamed file', () => {
    const directory = 'sys/kernel/debug/irq/domains'
    const plain = 'name:   VECTOR\n size:   0\n mapped: 30\n flags:  0x00000103\n'
    const domains = (tree: Readonly<Record<string, string>>) => probeInterruptDomains(memorySysroot(ORIGIN, tree))
    expect(domains({ [`${directory}/VECTOR`]: plain, [`${directory}/default`]: '' })).toMatchObject({
      state: 'known',
      value: [{ name: 'VECTOR', flags: 0x103, parents: [] }],
    })
    expect(domains({ [`${directory}/VECTOR`]: plain.slice(0, -1) })).toMatchObject({ reason: 'malformed' })
    expect(domains({ [`${directory}/OTHER`]: plain })).toMatchObject({ reason: 'malformed' })
    expect(domains({ proc: 'x' })).toMatchObject({ state: 'absent' })
  })
})

describe('irq/irqs', () => {
  const lines = `handler:  handle_fasteoi_irq
device:   0000:00:02.0
affinity: 0-1
domain:  ITS-PCI-MSIX-0000:00:02.0-11
 hwirq:   0x0
 chip:    ITS-PCI-MSIX-0000:00:02.0
  flags:   0x20
             IRQCHIP_ONESHOT_SAFE

  msg_data:   0x00000000
 parent:
    domain:  :intc@8000000:its@8080000-5
     hwirq:   0x2001
     chip:    ITS
      flags:   0x0
     parent:
        domain:  :intc@8000000-1
         hwirq:   0x2001`.split('\n')

  it('reads the names of the domains, the device own first', () => {
    expect(parseDomainChain(lines)).toEqual([
      'ITS-PCI-MSIX-0000:00:02.0-11',
      ':intc@8000000:its@8080000-5',
      ':intc@8000000-1',
    ])
  })

  it.each([0, 3, 11, 16])('takes the first %i lines for damaged', (count) => {
    expect(parseDomainChain(lines.slice(0, count))).toBeUndefined()
  })
})

describe('/proc/interrupts', () => {
  it('takes off as many counters as there are CPUs, and leaves lines without a number', () => {
    expect(
      parseProcInterrupts([
        '           CPU0       CPU1       ',
        '   4:          1          0  IR-IO-APIC                  4-edge      ttyS0',
        ' NMI:          0          0  Non-maskable interrupts',
        ' 48:        0        12  BRCM STB PCIe MSI 524288 Edge      eth0',
        'Err:          0',
      ]),
    ).toEqual([
      { irq: 4, description: 'IR-IO-APIC                  4-edge      ttyS0' },
      { irq: 48, description: 'BRCM STB PCIe MSI 524288 Edge      eth0' },
    ])
  })

  it.each([
    ['no heading', [' 10:   1   2  GICv3  27 Level  arch_timer']],
    ['fewer counters than CPUs', [' CPU0 CPU1 CPU2', ' 10:   1   2']],
    ['nothing', []],
  ])('takes it for damaged: %s', (_title, lines) => {
    expect(parseProcInterrupts(lines)).toBeUndefined()
  })

  it.each([
    ['GICv3  27 Level     arch_timer', 'GICv3'],
    ['BRCM STB PCIe MSI 524288 Edge      eth0 2 Edge', 'BRCM STB PCIe MSI'],
    ['IR-PCI-MSIX-0000:00:04.0    1-edge      virtio0-input.0', 'IR-PCI-MSIX-0000:00:04.0'],
    ['APLIC-MSI-d000000.interrupt-controller   10 Level   -fasteoi   ttyS0', 'APLIC-MSI-d000000.interrupt-controller'],
    ['MSI', undefined],
  ])('finds the chip of %s', (description, chip) => {
    expect(chipInDescription(description)).toBe(chip)
  })
})
