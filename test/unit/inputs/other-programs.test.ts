import { describe, expect, test } from 'vitest'
import { recognise } from '../../../src/inputs/recognise.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { mangles, readText, valueOf } from '../../support/mangled-texts.js'

const NODE = '../../../../devices/pci0000:00'
/** Lists of groups in less common spellings: two groups, the second of two functions. */
const LISTS: Readonly<Record<string, string>> = {
  'headings between marks': `=== IOMMU Group 0 ===
00:00.0 Host bridge [0600]: Intel Corporation Device [8086:3ec2] (rev 07)

### Group 1 ###
    01:00.0 VGA compatible controller [0300]: NVIDIA Corporation GP104 [10de:1b80] (rev a1)
    01:00.1 Audio device [0403]: NVIDIA Corporation GP104 [10de:10f0] (rev a1)
`,
  'tree of the directory': `/sys/kernel/iommu_groups/
├── 0
│   ├── devices
│   │   └── 0000:00:00.0 -> ${NODE}/0000:00:00.0
│   └── type
└── 1
    ├── devices
    │   ├── 0000:01:00.0 -> ${NODE}/0000:00:01.0/0000:01:00.0
    │   └── 0000:01:00.1 -> ${NODE}/0000:00:01.0/0000:01:00.1
    └── type
`,
  'ls -l of the directories': `/sys/kernel/iommu_groups/0/devices:
total 0
lrwxrwxrwx 1 root root 0 Nov  1 10:00 0000:00:00.0 -> ${NODE}/0000:00:00.0

/sys/kernel/iommu_groups/1/devices:
total 0
lrwxrwxrwx 1 root root 0 Nov  1 10:00 0000:01:00.0 -> ${NODE}/0000:00:01.0/0000:01:00.0
lrwxrwxrwx 1 root root 0 Nov  1 10:00 0000:01:00.1 -> ${NODE}/0000:00:01.0/0000:01:00.1
`,
}
/** What `pvesh get /nodes/NODE/hardware/pci` of Proxmox prints. */
const PVESH = `┌──────────┬────────┬──────────────┬────────────┬────────┬─────────────┐
│ class    │ device │ id           │ iommugroup │ vendor │ device_name │
╞══════════╪════════╪══════════════╪════════════╪════════╪═════════════╡
│ 0x060000 │ 0x3ec2 │ 0000:00:00.0 │          0 │ 0x8086 │             │
├──────────┼────────┼──────────────┼────────────┼────────┼─────────────┤
│ 0x030000 │ 0x1b80 │ 0000:01:00.0 │          1 │ 0x10de │ GP104       │
├──────────┼────────┼──────────────┼────────────┼────────┼─────────────┤
│ 0x040300 │ 0x10f0 │ 0000:01:00.1 │          1 │ 0x10de │             │
└──────────┴────────┴──────────────┴────────────┴────────┴─────────────┘
`
const MEMBERS = [
  ['0000:00:00.0', '0'],
  ['0000:01:00.0', '1'],
  ['0000:01:00.1', '1'],
]

function functionsOf(bytes: Uint8Array) {
  const { functions } = probeMachine(readText(bytes).sysroot)
  return functions.state === 'known' ? functions.value : []
}

const ALL = Object.entries({ ...LISTS, 'pvesh of Proxmox': PVESH })

describe.each(ALL)('%s', (_, text) => {
  test.each(mangles)('%s', (how, mangle) => {
    const bytes = mangle(text)
    expect(recognise(bytes).kind, how).toBe('text')
    expect(functionsOf(bytes).map(({ name, iommuGroup }) => [name, valueOf(iommuGroup)])).toEqual(MEMBERS)
  })

  test('cut anywhere it tells of no other function and of no other group', () => {
    for (let length = 1; length < text.length; length += 7) {
      for (const { name, iommuGroup } of functionsOf(Buffer.from(text.slice(0, length)))) {
        const own = MEMBERS.find(([member]) => member === name)
        expect(own).toBeDefined()
        if (iommuGroup.state === 'known') expect(iommuGroup.value).toBe(own?.[1])
      }
    }
  })
})

test('the table of Proxmox tells ids and classes', () => {
  const told = functionsOf(Buffer.from(PVESH)).map(({ vendor, device, classCode }) =>
    [vendor, device, classCode].map(valueOf),
  )
  expect(told).toEqual([
    [0x8086, 0x3ec2, 0x060000],
    [0x10de, 0x1b80, 0x030000],
    [0x10de, 0x10f0, 0x040300],
  ])
})

test.each([
  ['inxi', '  Device-1: NVIDIA GP104 vendor: eVga driver: nvidia v: 525.60 bus-ID: 01:00.0\n', 'lspci -nnvvv'],
  ['intremap printed', '{"schema": "intremap/report",\n "schemaVersion": "1.0.0"}\n', 'diff and intremap fleet'],
  ['a document that intremap', '{\n  "schema":"intremap/lint",\n', 'diff and intremap fleet'],
  ['lshw -businfo', 'pci@0000:01:00.0              display        GP104\n', 'lspci -nnvvv'],
  ['lshw', '  { "id" : "display", "businfo" : "pci@0000:01:00.0" }\n', 'lspci -nnvvv'],
  ['virt-host-validate', '  QEMU: Checking if IOMMU is enabled by kernel  : PASS\n', 'dmesg'],
  ['dmidecode', 'Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n', 'lspci -nnvvv'],
  ['/proc/iomem', '00000000-00000fff : Reserved\nfed90000-fed90fff : dmar0\n', 'dmesg'],
  ['a kernel log as JSON', '{\n   "dmesg": [\n      {"pri": 6, "msg": "x"}]}\n', 'journalctl -k -o short'],
  ['a kernel log as JSON', '{"__CURSOR":"s=1","MESSAGE":"Linux version 6.12.0"}\n', 'journalctl -k -o short'],
  ['the export format of the journal', '__CURSOR=s=1\nMESSAGE=Linux version 6.12.0\n', 'journalctl -k -o short'],
  [
    'every field of the journal',
    'Sun 2026-11-29 08:00:00 UTC [s=0123456789abcdef0123456789abcdef;i=1;b=2]\n    MESSAGE=x\n',
    'journalctl -k -o short',
  ],
  ['that the text does not name', '../../../../kernel/iommu_groups/1\n', 'iommu_groups'],
])('what %s prints is refused by name, with what would do', (name, text, hint) => {
  const found = recognise(Buffer.from(text))
  if (found.kind !== 'refused') throw new Error(`${name} is ${found.kind}`)
  expect(found.what).toContain(name)
  expect(found.hint).toContain(hint)
})

test('options of a kernel configuration are read with file names and line numbers before them', () => {
  for (const start of ['/boot/config-6.1.0-13-amd64:', '/boot/config-6.1.0-13-amd64:123:', 'config:7:']) {
    const { configuration } = probeMachine(readText(Buffer.from(`${start}CONFIG_IRQ_REMAP=y\n`)).sysroot).kernel
    expect(configuration.state === 'known' && configuration.value.get('CONFIG_IRQ_REMAP')).toBe('y')
  }
})
