import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../../src/kernel/build-context.js'
import type { KernelContext } from '../../../../src/kernel/context.js'
import type { Described } from '../../../../src/kernel/msi/described-msi.js'
import { ControllerList } from '../../../../src/kernel/msi/controller-list.js'
import type { MsiController } from '../../../../src/kernel/msi/msi-controller.js'
import { acpiBusDefault, inheritedUnderAcpi, mappedByIort } from '../../../../src/kernel/msi/msi-domain-acpi.js'
import { absent, known, unreadable } from '../../../../src/machine/fact.js'
import type { IortTable } from '../../../../src/machine/iort.js'
import type { Machine } from '../../../../src/machine/machine.js'
import { probeMachine } from '../../../../src/probes/machine.js'
import { arm, sysrootOf } from '../../rules/metal.js'
import { deviceTree, nodeAt } from '../devicetree/device-tree-nodes.js'
import { group, mapping, rc, tableOf } from '../iort/iort-nodes.js'
import { pciFunction } from '../pci/pci-functions.js'
import { msiController } from './literal-controller.js'

const MACHINE = probeMachine(sysrootOf({ machine: arm() }))
const CLOSED = unreadable('permission')
const FN = pciFunction({ at: '01:00.0' })
const REQUESTER_ID = 0x100

const controller = (kind: MsiController['kind'], id: string, more: Partial<MsiController> = {}) =>
  msiController(kind, { key: `${kind} ${id}`, id, probed: 'yes', ...more })
const node = nodeAt(deviceTree({ its: {} }), '/its')
const its = controller('its', '3')
const v2m = controller('gicv2m', '0', { payloadChecked: 'no' })

const contextWith = (acpi: Partial<Machine['acpi']>, release = '6.12.0'): KernelContext => {
  const kernel = { ...MACHINE.kernel, release: known(release) }
  return contextOf({ ...MACHINE, kernel, acpi: { ...MACHINE.acpi, ...acpi }, functions: known([FN]) })
}
const words = (described: Described | undefined): string => {
  if (described === undefined) return 'nothing'
  if (described.state === 'undecided') return described.doubt
  const { controller: found, deviceId, deviceIdGuessed } = described.value
  return [
    found?.key ?? 'none',
    ...(deviceId === undefined ? [] : [deviceId]),
    ...(deviceIdGuessed ? ['guessed'] : []),
  ].join(' ')
}
/** Every RequesterID of segment 0 becomes a DeviceID 0x8000 above it at the ITSs of the group. */
const iort = (itsIds: readonly number[], outputReference = 300): IortTable =>
  tableOf(rc([mapping({ outputBase: 0x8000, outputReference })]), group(300, itsIds))
const TO_ITS = 'its 3 33024'

/** K: drivers/acpi/arm64/iort.c, iort_get_device_domain: the group's ITS id, looked up among those the MADT registered. */
describe('what an IORT maps a function to', () => {
  const mapped = (acpi: Partial<Machine['acpi']>, ...controllers: readonly MsiController[]) =>
    words(
      mappedByIort(contextWith({ iort: known(iort([3])), ...acpi }), FN, REQUESTER_ID, new ControllerList(controllers)),
    )
  it.each<[string, Partial<Machine['acpi']>, readonly MsiController[], string]>([
    ['an ITS of the MADT', {}, [its], TO_ITS],
    ['the one of that id', {}, [controller('its', '0'), its, controller('its', '4')], TO_ITS],
    ['a translate frame of a GICv5 ITS', {}, [controller('gicv5-its', '3')], 'gicv5-its 3 33024'],
    ['no frame of a GICv2m, whatever its id', {}, [controller('gicv2m', '3')], 'nothing'],
    ['no ITS of a device tree', {}, [controller('its', '3', { node })], 'nothing'],
    ['no ITS that the MADT has not', {}, [controller('its', '4')], 'nothing'],
    ['no ITS that Linux did not register', {}, [controller('its', '3', { registered: 'no' })], 'nothing'],
    ['an ITS of which that cannot be told', {}, [controller('its', '3', { registered: 'unknown' })], 'unreadable'],
    ['nothing that can be told where the MADT is closed', { madt: CLOSED }, [its], 'unreadable'],
    ['nothing that can be told where the IORT is closed', { iort: CLOSED }, [its], 'unreadable'],
    ['nothing where there is no IORT', { iort: absent() }, [its], 'nothing'],
    ['nothing where no mapping is', { iort: known(tableOf(rc([]), group(300, [3]))) }, [its], 'nothing'],
    ['nothing that can be told where a reference dangles', { iort: known(iort([3], 301)) }, [its], 'unreadable'],
  ])('%s', (_, acpi, controllers, expected) => {
    expect(mapped(acpi, ...controllers)).toBe(expected)
  })
})

// K: pci_msi_register_fwnode_provider, which irq-gic-v2m.c and irq-riscv-imsic-platform.c alone call under ACPI.
describe('what every host bridge gets under ACPI', () => {
  it.each<[string, Partial<Machine['acpi']>, readonly MsiController[], string]>([
    ['the frame of a GICv2m', {}, [its, v2m], 'gicv2m 0'],
    ['the IMSICs', {}, [controller('imsic', 'none')], 'imsic none'],
    ['never an ITS', {}, [its], 'none'],
    ['no frame of a device tree', {}, [controller('gicv2m', '0', { node })], 'none'],
    ['none that was not registered', {}, [controller('gicv2m', '0', { registered: 'no' })], 'none'],
    ['what cannot be told where the MADT is closed', { madt: CLOSED }, [v2m], 'unreadable'],
  ])('%s', (_, acpi, controllers, expected) => {
    expect(words(acpiBusDefault(contextWith(acpi), new ControllerList(controllers)))).toBe(expected)
  })
})

/** K: drivers/acpi/arm64/iort.c, iort_msi_map_id: where the walk for the function ends, else the RequesterID. */
describe('the DeviceID at the ITS of a bridge above, under ACPI', () => {
  it.each<[string, Partial<Machine['acpi']>, string]>([
    ['is where the walk ends', { iort: known(iort([3])) }, TO_ITS],
    [
      'is the RequesterID where it ends nowhere',
      { iort: known(tableOf(rc([]), group(300, [3]))) },
      'its 3 256 guessed',
    ],
    ['is the RequesterID where there is no IORT', { iort: absent() }, 'its 3 256 guessed'],
    ['cannot be told where the IORT is closed', { iort: CLOSED }, 'unreadable'],
    ['cannot be told where a reference dangles', { iort: known(iort([3], 301)) }, 'unreadable'],
  ])('%s', (_, acpi, expected) => {
    expect(words(inheritedUnderAcpi(contextWith(acpi), FN, REQUESTER_ID, its))).toBe(expected)
  })
})

it('what an IORT and a MADT lead to names the places that it rests on', () => {
  const [iortPlace, madtPlace] = ['IORT', 'APIC'].map((path) => ({ path }))
  if (!iortPlace || !madtPlace) throw new Error('two places')
  const PATH = 'sys/firmware/acpi/tables/IORT'
  const table = tableOf(rc([mapping({ offset: 84, outputReference: 300 })]), group(300, [3]))
  const context = contextWith({ iort: known(table, iortPlace), madt: absent(madtPlace) })
  expect(mappedByIort(context, FN, REQUESTER_ID, new ControllerList([its]))?.from).toEqual([
    { path: PATH, at: { offset: 48, length: 36 } },
    { path: PATH, at: { offset: 84, length: 20 } },
  ])
  // Nodes that were not read may have the root complex: no place to name.
  const cut = { ...tableOf(group(300, [3])), nodeCount: 9 }
  const hidden = mappedByIort(
    contextWith({ iort: known({ ...cut, header: { ...cut.header, length: 1000 } }) }),
    FN,
    8,
    new ControllerList([its]),
  )
  expect([words(hidden), hidden?.from]).toEqual(['unreadable', []])
  expect(acpiBusDefault(context, new ControllerList([])).from).toEqual([iortPlace, madtPlace])
  expect(acpiBusDefault(context, new ControllerList([v2m])).from).toEqual([iortPlace])
})
