/** A workaround that Linux applies to an ITS, as the log names it. */
export interface ItsErratum {
  /** What stands after `GIC: enabling workaround for `. */
  readonly name: string
  readonly effect: string
  /** What it does to the isolation of MSIs. */
  readonly isolation: 'unchanged' | 'cleared'
  readonly source: string
}

const TABLE = 'Linux, drivers/irqchip/irq-gic-v3-its.c: its_quirks'

export const ITS_ERRATA: readonly ItsErratum[] = [
  {
    name: 'ITS: Cavium errata 22375, 24313',
    effect: 'DeviceIDs from 2^20 on cannot be used',
    isolation: 'unchanged',
    source: `${TABLE}, its_enable_quirk_cavium_22375`,
  },
  {
    name: 'ITS: Cavium erratum 23144',
    effect: 'interrupts stay on the node of their ITS',
    isolation: 'unchanged',
    source: `${TABLE}, its_enable_quirk_cavium_23144`,
  },
  {
    name: 'ITS: QDF2400 erratum 0065',
    effect: 'entries of the translation tables take 16 bytes',
    isolation: 'unchanged',
    source: `${TABLE}, its_enable_quirk_qdf2400_e0065`,
  },
  {
    name: 'ITS: Socionext Synquacer pre-ITS',
    effect: 'the address that is written to chooses the DeviceID',
    isolation: 'cleared',
    source: `${TABLE}, its_enable_quirk_socionext_synquacer`,
  },
  {
    name: 'ITS: Hip07 erratum 161600802',
    effect: 'the redistributors of virtual interrupts are found elsewhere',
    isolation: 'unchanged',
    source: `${TABLE}, its_enable_quirk_hip07_161600802`,
  },
  {
    name: 'ITS: Hip09 erratum 162100801',
    effect: 'moving a virtual processor invalidates its interrupts',
    isolation: 'unchanged',
    source: `${TABLE}, its_enable_quirk_hip09_162100801`,
  },
  {
    name: 'ITS: Rockchip erratum RK3588001',
    effect: 'the tables are not shared with the caches of the processors',
    isolation: 'unchanged',
    source: `${TABLE}, its_enable_rk3588001`,
  },
  {
    name: 'ITS: Rockchip erratum RK3568002',
    effect: 'the tables lie in the lower 4 GiB',
    isolation: 'unchanged',
    source: `${TABLE}, its_enable_dma32`,
  },
  {
    name: 'ITS: non-coherent attribute',
    effect: 'the tables are not shared with the caches of the processors',
    isolation: 'unchanged',
    source: `${TABLE}, its_set_non_coherent`,
  },
]
