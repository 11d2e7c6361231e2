import { NAMES, wording, type KernelLogMessage } from './message.js'

const { address, range } = NAMES
const ITS = 'drivers/irqchip/irq-gic-v3-its.c'

/** What the drivers of Arm's interrupt controllers print. The first that matches counts. */
export const GIC_MESSAGES: readonly KernelLogMessage[] = [
  {
    id: 'its-found',
    topic: 'interrupts',
    words: ['ITS'],
    wordings: [wording(`^ITS ${range}`)],
    says: 'An interrupt translation service was found at this address: it checks the DeviceID of each MSI.',
    source: `${ITS}: its_probe_one`,
  },
  {
    id: 'its-failed',
    topic: 'interrupts',
    words: ['ITS'],
    wordings: [
      wording(
        `ITS@${address}: (?:No ITS detected|Unable to (?:map ITS registers|locate ITS domain|(?:allocate|register) GICv3 ITS domain token)|Failed to quiesce|failed probing)`,
      ),
    ],
    says: 'Firmware describes an ITS at this address and Linux could not use it: devices behind it get no MSIs from it.',
    source: `${ITS}: its_probe_one, gic_acpi_parse_madt_its`,
  },
  {
    id: 'its-ignored',
    topic: 'interrupts',
    words: ['ITS'],
    wordings: [
      wording(/(?<![\w,.+@/-])(?:\/[\w,.+@-]{1,64}){1,16}: no msi-controller property, ITS ignored/),
      wording(/no msi-controller property, ITS ignored/, 'no msi-controller property, ITS ignored'),
    ],
    says: 'The device tree gives this ITS no msi-controller property, so Linux does not use it.',
    source: `${ITS}: its_of_probe`,
  },
  {
    id: 'its-without-registers',
    topic: 'interrupts',
    words: ['regs'],
    wordings: [wording(/(?<![\w,.+@/-])(?:\/[\w,.+@-]{1,64}){1,16}: no regs\?/)],
    says: 'The device tree gives this ITS no registers, so Linux does not use it.',
    source: `${ITS}: its_of_probe`,
  },
  {
    id: 'its-device-table',
    topic: 'interrupts',
    words: ['ITS'],
    wordings: [
      wording(
        `^ITS@${address}: allocated \\d{1,9} Devices @[0-9a-f]{1,16} \\((?:flat|indirect), esz \\d+, psz \\d+K(?:, shr \\d+\\))?`,
      ),
    ],
    says: 'The ITS has a table for that many DeviceIDs: flat as they stand, indirect for pages of them.',
    source: `${ITS}: its_setup_baser`,
  },
  {
    id: 'its-gicv41',
    topic: 'interrupts',
    words: ['ITS'],
    wordings: [wording(`ITS@${address}: Using GICv4\\.1 mode`)],
    says: 'The ITS can hand interrupts to a guest without the host.',
    source: `${ITS}: its_probe_one`,
  },
  {
    id: 'its-none',
    topic: 'interrupts',
    words: ['ITS'],
    wordings: [wording(/ITS: No ITS available, not enabling LPIs/)],
    says: 'No ITS can be used: MSIs, if any, go to a frame that does not check who sends them.',
    source: `${ITS}: its_init`,
  },
  {
    id: 'its-proxy',
    topic: 'interrupts',
    words: ['ITS'],
    wordings: [wording(/ITS: Allocated DevID [0-9a-f]{1,8} as GICv4 proxy device/)],
    says: 'The ITS can hand interrupts to a guest without the host.',
    source: `${ITS}: its_init_vpe_domain`,
  },
  {
    id: 'its-workaround',
    topic: 'interrupts',
    words: ['workaround'],
    wordings: [
      wording(
        /^GIC: enabling workaround for ITS: [A-Z]\w{1,15} errat(?:um|a) [A-Z0-9]{1,12}(?:, [A-Z0-9]{1,12}){0,3}$/,
      ),
      wording(/^GIC: enabling workaround for ITS: (?:Socionext Synquacer pre-ITS|non-coherent attribute)$/),
      wording(/^GIC: enabling workaround for ITS: /, 'GIC: enabling workaround for ITS: redacted'),
    ],
    says: 'Linux knows an erratum of this ITS and works around it; rule IR118 says what it does to isolation.',
    source: 'drivers/irqchip/irq-gic-common.c: gic_enable_quirks',
  },
  {
    id: 'gicv5-its-failed',
    topic: 'interrupts',
    words: ['GICv5'],
    wordings: [wording(/^GICv5 ITS: .*(?:[Ff]ailed|[Uu]nable to)/, 'GICv5 ITS: failed')],
    says: 'Linux could not use the ITS of a GICv5.',
    source: 'drivers/irqchip/irq-gic-v5-its.c: gicv5_its_init_bases',
    releases: '6.17 and later',
  },
  {
    id: 'gicv5-its',
    topic: 'interrupts',
    words: ['GICv5'],
    wordings: [
      wording(
        /^GICv5 ITS: ITS [\w,.+-]{1,31}@((?:0x)?[0-9a-f]{1,16}) enabled using .* device_id_bits (\d{1,2})\b/,
        'GICv5 ITS: ITS its@$1 enabled using device table device_id_bits $2',
      ),
    ],
    says: 'An ITS of a GICv5 came up: it checks the DeviceID of each MSI.',
    source: 'drivers/irqchip/irq-gic-v5-its.c: gicv5_its_print_info',
    releases: '6.17 and later',
  },
  {
    id: 'gicv5-start',
    topic: 'interrupts',
    words: ['GICv5'],
    wordings: [wording(/^GICv5 IRS: .*detected SPI range/, 'GICv5 IRS: detected SPI range')],
    says: 'A GICv5 came up.',
    source: 'drivers/irqchip/irq-gic-v5-irs.c: gicv5_irs_init',
    releases: '6.17 and later',
  },
  {
    id: 'gicv2m-frame',
    topic: 'interrupts',
    words: ['GICv2m'],
    wordings: [
      wording(/^GICv2m: .*overriding/, 'GICv2m: overriding'),
      wording(`GICv2m: range${range}, SPI\\[\\d{1,4}:\\d{1,4}\\]`),
      wording(/GICv2m: range/, 'GICv2m: range'),
    ],
    says: 'A GICv2m frame takes MSIs. It does not check who sends them.',
    source: 'drivers/irqchip/irq-gic-v2m.c: gicv2m_init_one',
  },
  {
    id: 'gicv3-start',
    topic: 'interrupts',
    words: ['GICv3'],
    wordings: [
      wording(/GICv3: \d{1,4} SPIs implemented/),
      wording(/GICv3: \d+ SPIs implemented/, 'GICv3: 0 SPIs implemented'),
    ],
    says: 'A GICv3 or GICv4 came up; the lines of its ITS follow.',
    source: 'drivers/irqchip/irq-gic-v3.c: gic_init_bases',
  },
  {
    id: 'gicv3-features',
    topic: 'interrupts',
    words: ['GICv3'],
    wordings: [wording(/GICv3: GICv[34] features: \d{1,4} PPIs/), wording(/GICv3: GICv4 features:/)],
    says: 'The version of the interrupt controller as the hardware tells it.',
    source: 'drivers/irqchip/irq-gic-v3.c: gic_init_bases',
  },
  {
    id: 'its-gicv4',
    topic: 'interrupts',
    words: ['GICv4'],
    wordings: [wording(/ITS: Enabling GICv4 support/)],
    says: 'The ITS can hand interrupts to a guest without the host.',
    source: `${ITS}: its_init`,
  },
  {
    id: 'mbi-failed',
    topic: 'interrupts',
    words: ['MBIs'],
    wordings: [wording(/GICv3: Failed to initialize MBIs/)],
    says: 'The distributor offers MSIs of its own and Linux does not use them.',
    source: 'drivers/irqchip/irq-gic-v3.c: gic_init_bases',
  },
  {
    id: 'mbi-range',
    topic: 'interrupts',
    words: ['MBI'],
    wordings: [wording(/GICv3: MBI range \[\d{1,4}:\d{1,4}\]/), wording(`GICv3: Using MBI frame ${address}`)],
    says: 'The distributor takes MSIs. It does not check who sends them.',
    source: 'drivers/irqchip/irq-gic-v3-mbi.c: mbi_init',
  },
  {
    id: 'msi-map-without-entry',
    topic: 'interrupts',
    words: ['translation'],
    wordings: [wording(/no msi-map translation for id 0x[0-9a-f]{1,8}/)],
    says: 'The device tree maps no DeviceID for this function; Linux uses its RequesterID unchanged.',
    source: 'drivers/of/base.c: of_map_id',
  },
]
