import { hostBridgeNodeOf } from '../../kernel/devicetree/host-bridge.js'
import type { NoIts } from '../../kernel/context.js'
import { WITHOUT_ITS } from '../../kernel/msi/gic-without-its.js'
import type { Architecture } from '../../machine/kernel.js'
import type { Route } from '../../routes/route.js'
import { evidenceFrom } from '../evidence.js'
import type { Reference } from '../rule.js'
import type { Cause, CauseSubject } from './cause.js'
import { guestCause } from './guest-cause.js'
import { idsOf } from './controller-ids.js'
import { KEEP_ON_HOST } from './keep-on-host.js'
import { itsHidden, itsNotBuilt, itsNotUp, lpisKeptOut } from './unused-its.js'

const ISOLATED_MSI: Reference = {
  kind: 'linux',
  title: 'Linux, isolated MSI',
  locator: 'kernel/irq/msi.c: msi_device_has_isolated_msi',
}
const GIC: Reference = { kind: 'linux', title: 'Linux, GICv3', locator: 'drivers/irqchip/irq-gic-v3.c: gic_init_bases' }

const guest = guestCause({
  id: 'guest-payload-unchecked',
  family: 'unchecked-payload',
  title: 'The hypervisor gives this guest an interrupt controller that checks no sender',
  summary: 'this is a virtual machine, and its hypervisor gives it an MSI controller that checks no sender',
  remedy:
    'The hypervisor provides the interrupt controller: have it give this guest one that checks its sender, on Arm an ITS, or keep the device in this guest.',
  references: [ISOLATED_MSI],
})

/** What shows that no ITS takes the MSIs, where it is that and not firmware which decided. */
function seenWithoutIts({ routes: { context } }: CauseSubject, { described }: Route['msi']): NoIts | undefined {
  const isBySight = described.state === 'decided' && described.value.controller?.key === WITHOUT_ITS
  return isBySight ? context.gicWithoutIts() : undefined
}

const noUsableIts: Cause = {
  id: 'no-usable-its',
  family: 'unchecked-payload',
  scope: 'device',
  actor: 'firmware',
  title: 'The kernel found no ITS that it can use',
  decidedBy: 'A line of the kernel log about LPIs, the ITS or a GICv2m frame, where no firmware was collected.',
  summary: 'the kernel uses no ITS on this machine, as its log says ("{line}")',
  remedy:
    'Keep the device on the host, unless the manual of the processor names an ITS (interrupts called LPIs): then update the firmware, which has to describe it, or ask its vendor to.',
  references: [GIC],
  decide: (subject, { msi }) => {
    const seen = seenWithoutIts(subject, msi)
    if (seen?.why !== 'none-usable') return undefined
    return { details: { line: seen.from[0]?.excerpt ?? '' }, evidence: evidenceFrom(seen.from) }
  },
}

const gicHasNoIts: Cause = {
  id: 'gic-has-no-its',
  family: 'unchecked-payload',
  scope: 'device',
  actor: 'hardware',
  title: 'A GICv2 has no ITS',
  decidedBy: 'The version of the GIC in MADT or device tree, or as the kernel log or its interrupts in use show it.',
  summary: 'the interrupt controller of this machine is a GICv2, which has no ITS',
  remedy: KEEP_ON_HOST,
  lasting: true,
  references: [GIC],
  decide: (subject, { msi }) => {
    const seen = seenWithoutIts(subject, msi)
    if (seen?.why === 'gicv2') return { evidence: evidenceFrom(seen.from) }
    if (msi.kind !== 'gicv2m' || subject.routes.controllers.its.length > 0 || !subject.gicIsV2()) return undefined
    return { evidence: evidenceFrom(msi.described.from, 'GICv2 with a GICv2m frame') }
  },
}

const mappedElsewhere: Cause = {
  id: 'mapped-past-the-its',
  family: 'unchecked-payload',
  scope: 'device',
  actor: 'firmware',
  title: 'The machine has an ITS, and firmware leads the function to another controller',
  decidedBy: 'The MSI controllers that firmware describes, and the one that it leads the function to.',
  summary: 'this machine has ITS {its}, but firmware leads its MSIs to {controller}',
  remedy: 'Have the firmware lead the device to ITS {its} ({how}), if the hardware does so.',
  references: [ISOLATED_MSI],
  decide: (subject, route) => {
    const { usableIts: its } = subject.routes.controllers
    if (its.length === 0 || !CAN_BE_REPLACED.has(route.msi.kind)) return undefined
    return {
      details: { its: idsOf(its), controller: nameOf(route), how: howToMap(subject, route) },
      evidence: [
        ...evidenceFrom(route.msi.described.from),
        ...its.slice(0, 3).flatMap(({ from, id }) => evidenceFrom(from, `ITS ${id}`)),
      ],
    }
  },
}

const CAN_BE_REPLACED: ReadonlySet<Route['msi']['kind']> = new Set(['gicv2m', 'gicv3-mbi', 'host-bridge', 'other'])

const WORDS: Partial<Record<Route['msi']['kind'], string>> = {
  gicv2m: 'a GICv2m frame',
  'gicv3-mbi': 'the distributor',
  'host-bridge': 'the receiver in its host bridge',
}
const nameOf = ({ msi: { kind } }: Route) => WORDS[kind] ?? 'a controller that checks no sender'

function howToMap({ routes: { context } }: CauseSubject, { fn }: Route): string {
  const bridge = hostBridgeNodeOf(context, fn)
  return bridge.state === 'known' ? `msi-map of ${bridge.value.path}` : 'an ID mapping of the IORT'
}

const boardHasNoIts: Cause = {
  id: 'board-has-no-its',
  family: 'unchecked-payload',
  scope: 'device',
  actor: 'hardware',
  title: 'This board has no ITS',
  decidedBy: 'The whole device tree, which describes no ITS.',
  summary: 'its MSIs go to {controller}, and the whole device tree of this board shows no ITS',
  remedy: KEEP_ON_HOST,
  lasting: true,
  references: [ISOLATED_MSI],
  decide: (subject, route) => {
    const { deviceTree } = subject.machine
    if (deviceTree.state !== 'known' || !deviceTree.value.complete || subject.routes.controllers.its.length > 0)
      return undefined
    if (!CAN_BE_REPLACED.has(route.msi.kind) || subject.routes.controllers.hasUnknown) return undefined
    return {
      details: { controller: nameOf(route) },
      evidence: evidenceFrom(route.msi.described.from, `${nameOf(route)}; no ITS`),
    }
  },
}

const imsic: Cause = {
  id: 'imsic-checks-nothing',
  family: 'unchecked-payload',
  scope: 'device',
  actor: 'hardware',
  title: 'An IMSIC does not check its sender',
  decidedBy: 'The MSI controller that firmware describes and that is in use.',
  summary: 'an IMSIC raises whatever identity is written to one of its interrupt files',
  remedy: KEEP_ON_HOST,
  lasting: true,
  references: [{ kind: 'linux', title: 'Linux, RISC-V IMSIC', locator: 'drivers/irqchip/irq-riscv-imsic-platform.c' }],
  decide: (_, { msi }) => (msi.kind === 'imsic' ? { evidence: evidenceFrom(msi.described.from, 'IMSIC') } : undefined),
}

const architectureChecksNothing: Cause = {
  id: 'architecture-checks-nothing',
  family: 'unchecked-payload',
  scope: 'machine',
  actor: 'hardware',
  title: 'No MSI controller of this architecture checks its sender',
  decidedBy: 'The architecture, RISC-V or LoongArch: no driver of their controllers sets IRQ_DOMAIN_FLAG_ISOLATED_MSI.',
  summary: 'no MSI controller of {architecture} machines checks who sends',
  remedy: KEEP_ON_HOST,
  lasting: true,
  references: [ISOLATED_MSI],
  decide: ({ machine, routes: { context } }) => {
    const name = CHECKS_NOTHING.get(context.architecture ?? 'other')
    if (name === undefined) return undefined
    return { details: { architecture: name }, evidence: evidenceFrom(machine.kernel.architecture.from, name) }
  },
}

const CHECKS_NOTHING: ReadonlyMap<Architecture, string> = new Map([
  ['riscv64', 'RISC-V'],
  ['loongarch64', 'LoongArch'],
])

export const uncheckedByHardware: Cause = {
  id: 'unchecked-payload-unexplained',
  family: 'unchecked-payload',
  scope: 'device',
  actor: 'hardware',
  title: 'Firmware describes no ITS for the function',
  decidedBy: 'None of the other causes holds.',
  summary: 'its MSIs go to {controller}, and firmware describes no ITS',
  remedy:
    'Keep the device on the host, unless the manual of the processor names an ITS (interrupts called LPIs): then have the vendor of the firmware describe it and lead the device to it.',
  references: [ISOLATED_MSI],
  decide: (_, route) => ({
    details: { controller: nameOf(route) },
    evidence: evidenceFrom(route.msi.described.from),
  }),
}

export const UNCHECKED_PAYLOAD: readonly Cause[] = [
  lpisKeptOut,
  itsNotBuilt,
  guest,
  itsHidden,
  itsNotUp,
  gicHasNoIts,
  noUsableIts,
  mappedElsewhere,
  imsic,
  architectureChecksNothing,
  boardHasNoIts,
]
