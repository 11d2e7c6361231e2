import type { Machine } from '../../machine/machine.js'

/** What the kernel command line says of interrupt remapping on x86. */
export interface IntremapWords {
  /** The word that turns it off; absent where it stays on. */
  readonly offWord?: string
  /** Source ids are not checked; no later word takes it back. */
  readonly sourceIdsUnchecked: boolean
}

/**
 * `intremap=` and `nointremap` in their order: the last of on and off counts. Only the beginning of each part of the list
 * is compared. Neither where the command line cannot be read.
 * Source: K: drivers/iommu/irq_remapping.c, setup_irqremap, setup_nointremap.
 */
export function intremapWords({ kernel }: Machine): IntremapWords {
  let offWord: string | undefined
  let sourceIdsUnchecked = false
  for (const word of kernel.commandLine.state === 'known' ? kernel.commandLine.value : []) {
    if (/^nointremap(?:=|$)/.test(word)) offWord = word
    if (!word.startsWith('intremap=')) continue
    for (const part of word.slice('intremap='.length).split(',')) {
      if (part.startsWith('on')) offWord = undefined
      else if (part.startsWith('off')) offWord = word
      else if (part.startsWith('nosid')) sourceIdsUnchecked = true
    }
  }
  return { ...(offWord === undefined ? {} : { offWord }), sourceIdsUnchecked }
}
