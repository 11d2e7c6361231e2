import { describe, expect, test } from 'vitest'
import { renderHumanProbe } from '../../../../src/render/probe/human-probe.js'
import type { DeviceReport } from '../../../../src/report/types.js'
import { withoutExpansions } from '../terms/without-expansions.js'
import { device, finding, group, PLAIN, refused, report } from '../report-sample.js'

const linesOf = (text: string) => text.trimEnd().split('\n')
const address = (index: number) => `0000:${(index + 1).toString(16).padStart(2, '0')}:00.0`
const firstLines = (text: string) => withoutExpansions(text.split('\n\n')[0] ?? '')

describe('the answer', () => {
  const rows: readonly (readonly [string, readonly DeviceReport[], string])[] = [
    ['one isolated', [device(address(0))], 'ok ISOLATED: the device can raise only its own interrupts.'],
    [
      'all isolated',
      [device(address(0)), device(address(1))],
      'ok ISOLATED: each of the 2 devices can raise only its own interrupts.',
    ],
    [
      'a caveat',
      [device(address(0)), device(address(1), { verdict: 'isolated-with-caveats' })],
      '~~ ISOLATED WITH CAVEATS: each of the 2 devices can raise only its own interrupts, but something weakens that for 1 of them.',
    ],
    [
      'one bad of two',
      [device(address(0)), refused(address(1))],
      '!! NOT ISOLATED: 1 of 2 devices can raise interrupts that belong to others.',
    ],
    [
      'bad and unknown',
      [refused(address(0)), device(address(1), { verdict: 'unknown', reason: 'unreadable' })],
      '!! NOT ISOLATED: 1 of 2 devices can raise interrupts that belong to others; for 1 more nobody can tell from here.',
    ],
    [
      'unreadable',
      [device(address(0), { verdict: 'unknown', reason: 'unreadable' }), device(address(1))],
      '?? UNKNOWN: whether 1 of 2 devices can raise only its own interrupts cannot be told (a file that decides that could not be read).',
    ],
    ['none at all', [], '?? UNKNOWN: there is nothing to judge: no PCI endpoint was found.'],
    [
      'bridges only',
      [device(address(0), { role: 'bridge', verdict: 'unknown' })],
      '?? UNKNOWN: there is nothing to judge: no PCI endpoint was found, only 1 bridge.',
    ],
  ]
  test.each(rows)('%s', (_, devices, expected) => {
    expect(firstLines(renderHumanProbe(report(devices), PLAIN)).startsWith(`${expected} this host`)).toBe(true)
  })

  test('caveats are named in words, with the rules behind them where the words are explained', () => {
    const text = renderHumanProbe(
      report(
        [
          device(address(0), { verdict: 'isolated-with-caveats', findings: ['IR003'] }),
          device(address(1), { verdict: 'isolated-with-caveats', findings: ['IR003', 'IR103', 'IR110'] }),
        ],
        {
          findings: [
            finding('IR003', { effect: 'caveat', devices: [address(0), address(1)] }),
            finding('IR110', { effect: 'caveat', devices: [address(1)] }),
            finding('IR103', { effect: 'none', devices: [address(1)] }),
          ],
        },
      ),
      PLAIN,
    )
    expect(firstLines(text)).toContain(
      'only its own interrupts, but guest (IR003) weakens that for all of them and ATS (IR110) for 1 of them.',
    )
    expect(text).toContain('none   guest, ATS\n')
    expect(text).toContain('\nWhy\n  guest (IR003): Summary of IR003.\n  ATS (IR110): Summary of IR110.\n')
  })

  test('a selected device is judged with the group that it shares', () => {
    const text = renderHumanProbe(
      report([device(address(0), { iommuGroup: '4', effectiveVerdict: 'not-isolated' })], {
        groups: [group('4', [address(0), address(1)], { verdict: 'not-isolated' })],
        exitCode: 1,
      }),
      PLAIN,
    )
    expect(firstLines(text)).toContain('!! NOT ISOLATED: by itself, the device can raise only its own interrupts.')
    expect(firstLines(text)).toContain('shares an IOMMU group that is not isolated, and the group decides.')
  })
})

describe('the table', () => {
  test('the worst stands first, columns line up, reasons are in words', () => {
    const text = renderHumanProbe(
      report([
        device(address(0), { iommuGroup: '1' }),
        refused(address(1), { iommuGroup: '12', driver: 'nvme', classCode: '0x010802' }),
        device(address(2), { verdict: 'unknown', reason: 'unreadable' }),
      ]),
      PLAIN,
    )
    expect(linesOf(text).slice(4, 8)).toEqual([
      '   VERDICT       DEVICE   WHAT                DRIVER  GROUP  WHY',
      '!! not isolated  02:00.0  NVMe 8086:10d3      nvme    12     MSI to GICv2m',
      '?? unknown       03:00.0  Ethernet 8086:10d3  e1000e  none   unreadable',
      'ok isolated      01:00.0  Ethernet 8086:10d3  e1000e  1      SMMU and ITS',
    ])
  })

  test('the segment is written as soon as one device is outside segment 0', () => {
    const text = renderHumanProbe(report([device('0000:01:00.0'), device('0001:01:00.0')]), PLAIN)
    expect(text).toContain('  0000:01:00.0  ')
    expect(text).toContain('  0001:01:00.0  ')
  })

  test('devices alike become one row beyond ten, and --all undoes it', () => {
    const devices = Array.from({ length: 20 }, (_, index) => device(address(index)))
    devices.push(refused(address(20)))
    const short = renderHumanProbe(report(devices), PLAIN)
    expect(short.match(/Ethernet/g)).toHaveLength(2)
    expect(short).toContain('   and 19 more like it\n')
    const whole = renderHumanProbe(report(devices), { ...PLAIN, all: true })
    expect(whole.match(/Ethernet/g)).toHaveLength(21)
    expect(whole).not.toContain('more like it')
  })

  test('many kinds are cut, the worst stay', () => {
    const devices = Array.from({ length: 12 }, (_, index) => device(address(index), { driver: `driver${index}` }))
    devices.push(refused(address(12)))
    const text = renderHumanProbe(report(devices), { ...PLAIN, rows: 60 })
    expect(text).toContain('!! not isolated  0d:00.0')
    expect(text).toContain('   not shown: 4 more devices, none worse (--all)')
  })

  test.each([60, 72, 80, 132])('fits %i columns whatever the names', (columns) => {
    const devices = [
      refused('10000:e1:00.0', { driver: 'nvgrace_gpu_vfio_pci_with_a_long_name', reason: 'payload-not-checked' }),
      device(address(1), { verdict: 'isolated-with-caveats', findings: ['IR101', 'IR103', 'IR104', 'IR110', 'IR112'] }),
      device(address(2), { iommuGroup: '123456789' }),
    ]
    const findings = ['IR101', 'IR103', 'IR104', 'IR110', 'IR112'].map((rule) =>
      finding(rule, { effect: 'caveat', devices: [address(1)] }),
    )
    const text = renderHumanProbe(report(devices, { findings }), { ...PLAIN, columns })
    for (const line of linesOf(text)) expect(line.length, line).toBeLessThanOrEqual(columns)
  })
})

describe('the sections', () => {
  test('what the kernel would answer appears, where it differs from the verdict or where it is the error people meet', () => {
    // Where all is well it is said too: silence could mean that nobody asked.
    expect(renderHumanProbe(report([device(address(0))]), PLAIN)).toContain(
      '\nKernel\n  VFIO type1 and iommufd would accept 01:00.0.\n',
    )
    expect(withoutExpansions(renderHumanProbe(report([device(address(0)), refused(address(1))]), PLAIN))).toContain(
      ' Kernel VFIO type1 and iommufd would refuse 02:00.0 with EPERM, and rightly.',
    )
    const { kernel } = refused(address(0))
    const text = renderHumanProbe(report([device(address(0), { kernel })]), PLAIN)
    expect(withoutExpansions(text)).toContain(
      ' Kernel VFIO type1 and iommufd would refuse 01:00.0 (isolated) with EPERM.',
    )
  })

  test('an override is named as what it is', () => {
    const text = renderHumanProbe(
      report([
        refused(address(0), {
          kernel: {
            isolatedMsi: 'no',
            vfioType1: { outcome: 'accepts-by-override', errno: 'none' },
            iommufd: { outcome: 'refuses', errno: 'EPERM' },
          },
        }),
      ]),
      PLAIN,
    )
    expect(withoutExpansions(text)).toContain(
      'VFIO type1 would accept 01:00.0 (not isolated), only because allow_unsafe_interrupts is on.',
    )
  })

  test('obstacles are told, everyday ones only with --all', () => {
    const obstacles = [
      { code: 'direct-region', interface: 'both', errno: 'EINVAL' },
      { code: 'bound-elsewhere', interface: 'both', errno: 'none' },
    ] as const
    const machine = report([device(address(0), { obstacles })])
    expect(renderHumanProbe(machine, PLAIN)).toContain('  Firmware asks for a 1:1 mapped region (EINVAL): 01:00.0.\n')
    expect(renderHumanProbe(machine, PLAIN)).not.toContain('host driver holds')
    expect(renderHumanProbe(machine, { ...PLAIN, all: true })).toContain('  A host driver holds it: 01:00.0.\n')
  })

  test('an isolated device without a group is told to get one, unless something stands in its way', () => {
    const text = (changes: Partial<DeviceReport>) =>
      withoutExpansions(renderHumanProbe(report([device(address(0), changes)]), PLAIN))
    expect(text({})).toContain('Groups No group yet, the kernel makes one when a driver binds: 01:00.0.')
    expect(text({ iommuGroup: '3' })).not.toContain('No group yet')
    const obstacles = [{ code: 'no-group', interface: 'both', errno: 'EINVAL' }] as const
    expect(text({ obstacles })).not.toContain('No group yet')
  })

  test('mixed groups name who decides', () => {
    const members = [device(address(0), { iommuGroup: '4' }), refused(address(1), { iommuGroup: '4' })]
    const groups = [group('4', [address(0), address(1)], { verdict: 'not-isolated' })]
    const text = renderHumanProbe(report(members, { groups }), PLAIN)
    expect(text.replaceAll(/\s+/g, ' ')).toContain('group 4 is not isolated as a whole because of 02:00.0;')
  })

  test('at most three steps, the most severe first, with who can take them', () => {
    const findings = [
      finding('IR201', { severity: 'low' }),
      finding('IR202', { severity: 'critical', actor: 'firmware' }),
      finding('IR203', { severity: 'info' }),
      finding('IR204', { severity: 'high', actor: 'hardware' }),
      finding('IR205'),
      finding('IR206', { remedy: '' }),
    ]
    const text = renderHumanProbe(report([device(address(0))], { findings }), PLAIN)
    expect(text).toContain(
      '\nWhat to do\n' +
        '  1. [firmware] Remedy of IR202. (IR202)\n' +
        '  2. [hardware] Remedy of IR204. (IR204)\n' +
        '  3. [administrator] Remedy of IR205. (IR205)\n' +
        '  1 more: --all\n',
    )
  })

  test('of equal severity, what only weakens comes last while a device is not isolated', () => {
    const findings = [
      finding('IR005', { severity: 'high', effect: 'caveat' }),
      finding('IR107', { severity: 'high', actor: 'firmware' }),
    ]
    const ruleIds = (devices: readonly DeviceReport[]) =>
      [...renderHumanProbe(report(devices, { findings }), PLAIN).matchAll(/Remedy of (IR\d+)/g)].map(([, id]) => id)
    expect(ruleIds([refused(address(0), { reason: 'no-msi-controller' })])).toEqual(['IR107', 'IR005'])
    expect(ruleIds([device(address(0))])).toEqual(['IR005', 'IR107'])
  })

  test('the finding that explains a device speaks in place of its reason, and names the devices where not all are meant', () => {
    const told = finding('IR108', { severity: 'critical', actor: 'hardware', devices: [address(0)] })
    const text = renderHumanProbe(
      report([refused(address(0), { findings: ['IR108'] }), device(address(1))], { findings: [told] }),
      PLAIN,
    )
    expect(text).toContain('\nWhat to do\n  1. [hardware] Remedy of IR108. (IR108: 01:00.0)\n\n')
    const alone = renderHumanProbe(report([refused(address(0), { findings: ['IR108'] })], { findings: [told] }), PLAIN)
    expect(alone).toContain('  1. [hardware] Remedy of IR108. (IR108)\n')
  })

  test('what is found of other devices than those asked about brings no step', () => {
    const findings = [finding('IR101', { devices: [address(7)] }), finding('IR102', { devices: [address(0)] })]
    const text = renderHumanProbe(report([device(address(0))], { findings }), PLAIN)
    expect(text).not.toContain('Remedy of IR101')
    expect(text).toContain('  1. [administrator] Remedy of IR102. (IR102)\n')
  })

  test('an isolated device that an obstacle keeps from being assigned gets a step', () => {
    const obstacles = [{ code: 'no-cache-coherency', interface: 'both', errno: 'EINVAL' }] as const
    const kernel = {
      isolatedMsi: 'yes',
      vfioType1: { outcome: 'refuses', errno: 'EINVAL' },
      iommufd: { outcome: 'refuses', errno: 'EINVAL' },
    } as const
    const text = withoutExpansions(
      renderHumanProbe(report([device(address(0), { obstacles, kernel })]), { ...PLAIN, columns: 200 }),
    )
    // Once, with its cause: not as a refusal that nobody explains as well.
    expect(text).toContain('does not enforce cache coherency, so vfio-pci does not bind (EINVAL): 01:00.0.')
    expect(text).not.toContain('would refuse')
    expect(text).toContain('[firmware] If the SMMU walks its tables coherently')
  })

  test('summaries write addresses as the table does, paths keep theirs', () => {
    const findings = [
      finding('IR111', {
        effect: 'caveat',
        devices: [address(0)],
        summary: 'Port 0000:00:01.0 of /sys/bus/pci/devices/0000:00:01.0/config.',
      }),
    ]
    const caveat = device(address(0), { verdict: 'isolated-with-caveats', findings: ['IR111'] })
    expect(renderHumanProbe(report([caveat], { findings }), PLAIN)).toContain(
      '  no ACS (IR111): Port 00:01.0 of /sys/bus/pci/devices/0000:00:01.0/config.\n',
    )
  })

  test('a reason without a finding brings its own step', () => {
    expect(renderHumanProbe(report([refused(address(0))]), PLAIN)).toContain(
      '  1. [firmware] If the machine has an ITS',
    )
  })

  test('the last line says when nothing observed stands behind a good verdict', () => {
    const last = (strength: DeviceReport['strength']) =>
      linesOf(renderHumanProbe(report([device(address(0), { strength })]), PLAIN)).at(-1)
    expect(last('described')).toBe('Firmware alone says so: no interrupt in use confirms it.')
    expect(last('in-use')).not.toContain('escribed, not observed')
  })

  test('findings and evidence are spelled out with --all', () => {
    const text = renderHumanProbe(report([device(address(0))], { findings: [finding('IR201')] }), {
      ...PLAIN,
      all: true,
    })
    expect(text).toContain('  IR201 medium, machine: Summary of IR201.\n      /proc/cmdline: "quiet"\n')
  })
})

test('an ordinary machine fits a screen of 40 lines', () => {
  const devices = Array.from({ length: 14 }, (_, index) => device(address(index), { iommuGroup: String(index) }))
  devices.push(refused(address(14)), device(address(15), { role: 'bridge' }))
  const text = renderHumanProbe(
    report(devices, {
      unread: [
        { source: '/sys/firmware/acpi/tables/IORT', area: 'acpi-tables', reason: 'permission', extent: 'whole' },
      ],
    }),
    PLAIN,
  )
  expect(linesOf(text).length).toBeLessThanOrEqual(40)
})

describe('colour', () => {
  const machine = report([device(address(0)), refused(address(1))])
  // oxlint-disable-next-line no-control-regex
  const stripped = (text: string) => text.replaceAll(/\u001b\[[0-9;]*m/g, '')

  test('none unless asked for', () => {
    expect(renderHumanProbe(machine, PLAIN)).not.toContain('\u001b')
  })
  test('repeats the words and adds none', () => {
    const colored = renderHumanProbe(machine, { ...PLAIN, colorLevel: 1 })
    expect(colored).toContain('\u001b[')
    expect(stripped(colored)).toBe(renderHumanProbe(machine, PLAIN))
  })
})
