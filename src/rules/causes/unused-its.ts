import { lpisDisabled, missingItsOption } from '../../kernel/msi/gic-bring-up.js'
import { evidenceFrom } from '../evidence.js'
import type { Cause } from './cause.js'
import { ITS_INIT } from './shared-references.js'
import { itsHiddenUnderAcpi } from './its-hidden-by-firmware.js'
import { idsOf } from './controller-ids.js'

// The machine has an ITS that is not used, and another controller takes its place.

export const lpisKeptOut: Cause = {
  id: 'lpis-kept-out',
  family: 'unchecked-payload',
  scope: 'machine',
  actor: 'configuration',
  title: 'irqchip.gicv3_nolpi keeps the ITS out of use, and another controller takes its place',
  decidedBy: 'The word irqchip.gicv3_nolpi on the command line of a kernel whose machine has an ITS.',
  summary: 'irqchip.gicv3_nolpi on the kernel command line keeps ITS {its} out of use',
  remedy: 'Remove irqchip.gicv3_nolpi from the kernel command line and restart.',
  references: [{ kind: 'linux', title: 'Linux, GICv3', locator: 'drivers/irqchip/irq-gic-v3.c: gicv3_nolpi_cfg' }],
  decide: (subject) => {
    const its = subject.routes.controllers.its
    if (its.length === 0 || lpisDisabled(subject.routes.context) !== 'yes') return undefined
    return {
      details: { its: idsOf(its) },
      evidence: evidenceFrom(subject.machine.kernel.commandLine.from, 'irqchip.gicv3_nolpi'),
    }
  },
}

export const itsNotBuilt: Cause = {
  id: 'its-not-built',
  family: 'unchecked-payload',
  scope: 'machine',
  actor: 'kernel',
  title: 'The kernel was built without the driver of the ITS, and another controller takes its place',
  decidedBy: 'The configuration of a kernel whose machine has an ITS.',
  summary: 'this kernel was built without {option}, without which ITS {its} serves no PCI device',
  remedy: 'Use a kernel that is built with {option}.',
  references: [{ kind: 'linux', title: 'Linux', locator: 'drivers/irqchip/Kconfig: ARM_GIC_V3_ITS' }],
  decide: (subject) => {
    const its = subject.routes.controllers.its
    const option = missingItsOption(subject.routes.context)
    if (its.length === 0 || option === undefined) return undefined
    return {
      details: { its: idsOf(its), option },
      evidence: evidenceFrom(subject.machine.kernel.configuration.from, `${option} is not set`),
    }
  },
}

/** K: irq-gic-v3-its.c, its_init and its_cpu_init; irq-gic-v3.c. */
const UNUSABLE =
  /^(?:ITS: No ITS available|CPU\d+: LPIs not supported|ITS: .*[Ff]ailed|ITS@0x[0-9a-f]+: .*(?:[Ff]ailed|Unable))/

export const itsNotUp: Cause = {
  id: 'its-not-up',
  family: 'unchecked-payload',
  scope: 'machine',
  actor: 'firmware',
  title: 'The ITS is described and did not come up, and another controller takes its place',
  decidedBy: 'Lines of the kernel log about the ITS or LPIs on a machine whose firmware describes an ITS.',
  summary: 'ITS {its} is described and did not come up: "{line}"',
  remedy:
    'Mend what the kernel says of the ITS: "{line}"; the usual cure is an update of the firmware or of the kernel.',
  references: [ITS_INIT],
  decide: (subject) => {
    const its = subject.routes.controllers.its
    const lines = subject.routes.context.hazards.of(UNUSABLE)
    const [line] = lines
    if (its.length === 0 || line === undefined) return undefined
    return {
      details: { its: idsOf(its), line },
      evidence: lines.slice(0, 3).map((value) => ({ from: { path: 'var/log/dmesg' }, value })),
    }
  },
}

export const itsHidden: Cause = {
  id: 'its-hidden-under-acpi',
  family: 'unchecked-payload',
  scope: 'machine',
  actor: 'configuration',
  title: 'Firmware hides the ITS from ACPI systems for an erratum',
  decidedBy:
    'Root ports of a chip whose firmware does so, booted with ACPI, with a GICv2m frame and no ITS in the MADT.',
  summary:
    'firmware of {soc} boards shows ACPI systems a GICv2m frame in place of the ITS on purpose, for erratum {erratum} of the ITS',
  remedy:
    'Choose the device tree in place of ACPI in the firmware setup of the board, and boot Linux {release} or later, which has the workaround for erratum {erratum} and uses the ITS.',
  covers: ['IR206', 'IR207', 'IR209'],
  references: [
    {
      kind: 'linux',
      title: 'Linux, GICv3 ITS',
      locator: 'drivers/irqchip/irq-gic-v3-its.c: its_enable_rk3588001, its_enable_dma32',
    },
    { kind: 'source', title: 'edk2-rk3588', locator: 'edk2-rockchip: Silicon/Rockchip/RK3588, MADT' },
  ],
  decide: (subject) => {
    const { machine, routes } = subject
    const hidden = itsHiddenUnderAcpi(routes.context.functions)
    const { madt } = machine.acpi
    if (!hidden || madt.state !== 'known' || machine.deviceTree.state === 'known') return undefined
    if (subject.routes.controllers.its.length > 0 || !routes.controllers.all.some(({ kind }) => kind === 'gicv2m'))
      return undefined
    const { soc, erratum, release, seen, id } = hidden
    return {
      details: { soc, erratum, release },
      evidence: [
        ...routes.controllers.all.flatMap(({ kind, from }) =>
          kind === 'gicv2m' ? evidenceFrom(from, 'GIC MSI frame, and no ITS in the MADT') : [],
        ),
        { from: { path: `sys/bus/pci/devices/${seen}` }, value: id },
      ],
    }
  },
}
