import { expect, it } from 'vitest'
import { viewOf } from '../../../../src/kernel/context.js'
import { gicWithoutIts } from '../../../../src/kernel/msi/gic-without-its.js'
import { absent, known, unreadable } from '../../../../src/machine/fact.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf } from '../../rules/metal.js'

const BASE = probeMachine(sysrootOf({ machine: arm() }))
const GICV2 = 'GIC: Using split EOI/Deactivate mode'
const [V2_LINE, V2_OLD] = ['     GICv2  27 Level     arch_timer', '     GIC-0  27 Level     arch_timer']
const UNUSABLE = ['ITS: No ITS available, not enabling LPIs', 'CPU0: LPIs not supported']

/** K: irq-gic.c, gic_init_bases, gic_init_chip; irq-gic-v3-its.c, its_init, its_cpu_init; irq-gic-v2m.c, gicv2m_init_one. */
it.each<[string, readonly string[], readonly string[] | 'absent' | 'closed', string | undefined, readonly string[]]>([
  ['nothing', [], [], undefined, []],
  ['the line of a GICv2', [GICV2, GICV2], [], 'gicv2', [GICV2]],
  ['its interrupts', [], ['  IPI0 Rescheduling interrupts', V2_LINE], 'gicv2', [V2_LINE.trim()]],
  ['its interrupts by an older name', [], [V2_OLD], 'gicv2', [V2_OLD.trim()]],
  ['both', [GICV2], [V2_LINE, V2_OLD], 'gicv2', [GICV2, V2_LINE.trim()]],
  ['interrupts of a GICv3 beside them', [], [V2_LINE, '     GICv3  27 Level     arch_timer'], undefined, []],
  ['interrupts of an ITS beside them', [], [V2_LINE, '   ITS-MSI 524288 Edge      nvme0q0'], undefined, []],
  ['no ITS available', UNUSABLE.slice(0, 1), [], 'none-usable', UNUSABLE.slice(0, 1)],
  ['no LPIs, twice', UNUSABLE.toReversed(), [], 'none-usable', UNUSABLE.slice(1)],
  [
    'a frame that was taken',
    ['GICv2m: range[mem 0x08020000-0x08020fff], SPI[80:143]'],
    'absent',
    'none-usable',
    ['GICv2m: range[mem 0x08020000-0x08020fff], SPI[80:143]'],
  ],
  ['interrupts that cannot be read', [], 'closed', undefined, []],
  ['both of that', [...UNUSABLE, GICV2], 'closed', 'gicv2', [GICV2]],
])('against any ITS: %s', (_, log, interrupts, why, excerpts) => {
  const lines = Array.isArray(interrupts)
    ? known(interrupts.map((description: string, irq) => ({ irq, description })))
    : undefined
  const procInterrupts = lines ?? (interrupts === 'absent' ? absent() : unreadable('permission'))
  const kernel = { ...BASE.kernel, log: known(log) }
  const found = gicWithoutIts(viewOf({ ...BASE, kernel, interrupts: { ...BASE.interrupts, procInterrupts } }))
  expect(found?.why).toBe(why)
  expect((found?.from ?? []).map(({ excerpt }) => excerpt)).toEqual(excerpts)
})
