/** A text that is known and tells too little, with what to give in its place. */
export interface KnownText {
  readonly what: string
  readonly hint: string
}

const LISTING = 'Give the output of: sudo lspci -nnvvv'
const LOG_AS_TEXT = 'Give it as text: journalctl -k -o short, or dmesg without --json'
const GROUPS = 'find /sys/kernel/iommu_groups -type l'

/** Programs whose output people paste, by a line of it. */
const KNOWN: readonly (KnownText & { readonly line: RegExp })[] = [
  { line: /^ {0,8}Device-\d{1,3}: .{0,400}\bbus-ID: /m, what: 'output of inxi, which has no ids', hint: LISTING },
  {
    line: /^\s{0,80}\{\s{0,80}"schema": ?"intremap\//,
    what: 'a document that intremap printed, which is no evidence of a machine',
    hint: 'Give what it was made from; intremap diff and intremap fleet read reports.',
  },
  { line: /^pci@[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] /m, what: 'output of lshw -businfo', hint: LISTING },
  { line: /"businfo" ?: ?"pci@|bus info: pci@/, what: 'output of lshw', hint: LISTING },
  {
    line: /^ {0,8}(?:QEMU|LXC): Checking /m,
    what: 'output of virt-host-validate, which says only whether there is an IOMMU',
    hint: `Give the output of: sudo dmesg; ${GROUPS}`,
  },
  {
    line: /^\(XEN\) /m,
    what: 'a log of Xen, which owns IOMMU and interrupts: Linux does not decide there',
    hint: 'Look in it for the line "Interrupt Remapping enabled"; for the devices give the output of: sudo lspci -nnvvv',
  },
  { line: /^\s{0,80}\{\s{0,80}"dmesg" ?: ?\[|"__CURSOR" ?: ?"/, what: 'a kernel log as JSON', hint: LOG_AS_TEXT },
  { line: /^__CURSOR=/m, what: 'a kernel log in the export format of the journal', hint: LOG_AS_TEXT },
  {
    line: /^[^\n[]{0,64}\[s=[0-9a-f]{32};i=/m,
    what: 'a kernel log with every field of the journal',
    hint: LOG_AS_TEXT,
  },
  {
    line: /^Handle 0x[0-9A-F]{4}, DMI type \d/m,
    what: 'output of dmidecode, which names the machine and nothing of its interrupts',
    hint: `${LISTING}; sudo dmesg`,
  },
  {
    line: /^ {0,8}[0-9a-f]{8,16}-[0-9a-f]{8,16} : \S/m,
    what: '/proc/iomem, which shows addresses without what uses them',
    hint: 'Give the output of: sudo dmesg; cat /proc/interrupts',
  },
  {
    line: /^(?:\.\.\/){1,12}kernel\/iommu_groups\/\d{1,9}$/m,
    what: 'the group of a device that the text does not name',
    hint: `Give the output of: ${GROUPS}`,
  },
]

/** The program whose output a text is, where it is one that tells too little; undefined where it is none of them. */
export function knownText(text: string): KnownText | undefined {
  return KNOWN.find(({ line }) => line.test(text))
}
