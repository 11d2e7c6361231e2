import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../src/kernel/build-context.js'
import { lpisDisabled } from '../../../src/kernel/msi/gic-bring-up.js'
import { intremapWords } from '../../../src/kernel/msi/intremap-words.js'
import { probeMachine } from '../../../src/probes/machine.js'
import { arm, intel, sysrootOf } from '../rules/metal.js'

const kernel = (commandLine: string) => ({ release: '6.12.0', commandLine })

/** K: drivers/iommu/irq_remapping.c: setup_irqremap compares with strncmp, part by part; setup_nointremap only turns off. */
describe('words about interrupt remapping', () => {
  it.each([
    ['quiet', false, false],
    ['intremap=off', true, false],
    ['nointremap', true, false],
    ['intremap=off intremap=on', false, false],
    ['intremap=on nointremap', true, false],
    ['intremap=off,on', false, false],
    ['intremap=on,nosid', false, true],
    ['intremap=nosid intremap=on', false, true],
    ['intremap=nosidx,off1', true, true],
    ['"intremap=nosid"', false, true],
    ['intremap="no_x2apic_optout,nosid"', false, true],
    ['intremap', false, false],
    ['xintremap=off', false, false],
  ])('%s', (commandLine, off, sourceIdsUnchecked) => {
    const machine = probeMachine(sysrootOf({ machine: intel({ kernel: kernel(commandLine) }) }))
    const { offWord, ...words } = intremapWords(machine)
    expect({ off: offWord !== undefined, ...words }).toEqual({ off, sourceIdsUnchecked })
  })
})

/** K: gicv3_nolpi_cfg hands each value to kstrtobool, which leaves the variable alone where it reads no boolean. */
describe('irqchip.gicv3_nolpi', () => {
  it.each([
    ['quiet', 'no'],
    ['irqchip.gicv3_nolpi=1', 'yes'],
    ['irqchip.gicv3-nolpi=Y', 'yes'],
    ['irqchip.gicv3_nolpi=on', 'yes'],
    ['irqchip.gicv3_nolpi', 'no'],
    ['irqchip.gicv3_nolpi=2', 'no'],
    ['irqchip.gicv3_nolpi=1 irqchip.gicv3_nolpi=off', 'no'],
    ['irqchip.gicv3_nolpi=1 irqchip.gicv3_nolpi', 'yes'],
    ['irqchip.gicv3_nolpi=0 irqchip.gicv3_nolpi=1', 'yes'],
  ])('%s', (commandLine, answer) => {
    const machine = probeMachine(sysrootOf({ machine: arm({ kernel: kernel(commandLine) }) }))
    expect(lpisDisabled(contextOf(machine))).toBe(answer)
  })
})
