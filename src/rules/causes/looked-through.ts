import { once } from '../../kernel/once.js'
import type { IortTable } from '../../machine/iort.js'
import type { Subject } from '../rule.js'
import type { CauseSubject } from './cause.js'
import { gicIsV2 } from './gic-version.js'
import { portsWithoutIommu } from './socs-without-iommu.js'
import { socWithSmmu } from './socs-with-smmu.js'
import { iommusOfTree } from './tree-iommus.js'

const isSmmu = ({ type }: IortTable['nodes'][number]) => type === 'smmu' || type === 'smmuv3'

/** A subject with what causes derive from the machine, once and only when it is asked for: every function asks. */
export function lookedThrough({ machine, routes }: Subject): CauseSubject {
  const { deviceTree, acpi } = machine
  const { functions } = routes.context
  return {
    machine,
    routes,
    treeIommus: once(() => (deviceTree.state === 'known' ? iommusOfTree(deviceTree.value) : undefined)),
    iortSmmus: once(() => (acpi.iort.state === 'known' ? acpi.iort.value.nodes.filter(isSmmu).length : 0)),
    socWithSmmu: once(() => socWithSmmu(functions)),
    portsWithoutIommu: once(() => portsWithoutIommu(functions)),
    gicIsV2: once(() => gicIsV2(acpi.madt, routes.controllers)),
  }
}
