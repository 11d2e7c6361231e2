import type { Machine } from '../../machine/machine.js'
import type { Answer } from '../../machine/kinds.js'
import type { MsiController } from '../../kernel/msi/msi-controller.js'
import { evidenceFrom } from '../evidence.js'
import { describedIts } from './its-users.js'
import { PRE_ITS_FIRMWARE } from './quirks/pre-its-firmware.js'
import { NOT_APPLICABLE, type Evidence, type Outcome, type OutcomeItem, type Rule, type Subject } from '../rule.js'

/** Tables of a board that has a pre-ITS and, booted with ACPI, cannot say so; undefined for all others. */
function boardByTables(
  machine: Machine,
): { readonly board: string; readonly evidence: readonly Evidence[] } | undefined {
  for (const table of [machine.acpi.madt, machine.acpi.iort]) {
    if (table.state !== 'known') continue
    const { oemId, oemTableId, signature } = table.value.header
    const entry = PRE_ITS_FIRMWARE.find((at) => at.oemId === oemId && at.oemTableId === oemTableId)
    if (!entry) continue
    const from = table.from.map(({ path }) => ({ path, at: { offset: 10, length: 14 } }))
    return { board: entry.board, evidence: evidenceFrom(from, `${signature}: ${oemId.trim()} ${oemTableId.trim()}`) }
  }
  return undefined
}

interface Standing {
  readonly answer: Answer
  readonly message: string
  readonly board: string
  readonly evidence: readonly Evidence[]
}

function standingOf(controller: MsiController, board: ReturnType<typeof boardByTables>): Standing {
  const evidence = evidenceFrom(controller.from)
  if (controller.preIts === 'unknown') return { answer: 'unknown', message: 'unreadable', board: '', evidence }
  if (controller.preIts === 'yes') return { answer: 'yes', message: 'present', board: '', evidence }
  // The property is a device tree's; under ACPI only the board tells.
  if (controller.node !== undefined || board === undefined) return { answer: 'no', message: '', board: '', evidence }
  return { answer: 'yes', message: 'present-by-board', board: board.board, evidence: [...board.evidence, ...evidence] }
}

function check({ machine, routes }: Subject): Outcome {
  const its = routes.controllers.all.filter((controller) => controller.kind === 'its')
  if (its.length === 0) return NOT_APPLICABLE
  const board = boardByTables(machine)
  const failed: OutcomeItem[] = []
  const unknown: OutcomeItem[] = []
  for (const controller of its) {
    const { answer, message, board: name, evidence } = standingOf(controller, board)
    if (answer === 'no') continue
    const devices = routes.routes
      .filter((route) => {
        const described = describedIts(route)
        return described ? described.key === controller.key : route.msi.kind === 'its'
      })
      .map((route) => route.fn.name)
    const details = { controller: controller.id, board: name }
    const item = { subject: controller.id, devices, message, details, evidence }
    if (answer === 'yes') failed.push(item)
    else unknown.push(item)
  }
  return { failed, unknown, applicable: true }
}

export const preIts: Rule = {
  id: 'IR102',
  slug: 'pre-its',
  title: 'A pre-ITS lets the written address choose the DeviceID',
  scope: 'device',
  severity: 'critical',
  effect: 'not-isolated',
  reason: 'pre-its',
  checks:
    'The property socionext,synquacer-pre-its on the node of the ITS in the device tree; under ACPI the names that the firmware of such boards gives its tables.',
  why: 'The bridge before the ITS takes the DeviceID from the address that the device writes to, so a device passes for any other. The chip name still begins with ITS-.',
  remedy: [
    { actor: 'hardware', text: 'Keep devices behind this ITS on the host; no setting separates their interrupts.' },
  ],
  limits:
    'Boards with such a bridge that do not say so, as when they boot with ACPI, are recognised by name only. The kernel asks the identification register of the ITS as well, which shows only in its log: without the log the property alone decides what the kernel is said to answer. Kernels of the 6.6 release candidates set the flag again behind a pre-ITS: what they answer is too good.',
  references: [
    {
      kind: 'linux',
      title: 'Linux, GICv3 ITS quirks',
      locator: 'drivers/irqchip/irq-gic-v3-its.c: its_enable_quirk_socionext_synquacer',
    },
    { kind: 'source', title: 'edk2-platforms', locator: 'Silicon/Socionext/SynQuacer/AcpiTables/AcpiTables.h' },
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    present: 'ITS {controller} stands behind a pre-ITS: a device chooses its DeviceID by the address it writes to.',
    'present-by-board':
      'This is a {board}, whose ITS {controller} stands behind a pre-ITS, though its ACPI tables do not say so: a device chooses its DeviceID by the address it writes to.',
    unreadable: 'Whether ITS {controller} stands behind a pre-ITS cannot be read.',
  },
  check,
}
