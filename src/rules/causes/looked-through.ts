import { once } from '../../kernel/once.js'
import type { IortTable } from '../../machine/iort.js'
import type { Subject } from '../rule.js'
import type { CauseSubject } from './cause.js'
import { gicIsV2 } from './gic-version.js'
import { portsWithoutIommu } from './socs-without-iommu.js'
import { socWithSmmu } from './socs-with-smmu.js'
import { iommusOfTree, type TreeIommus } from './tree-iommus.js'

const isSmmu = ({ type }: IortTable['nodes'][number]) => type === 'smmu' || type === 'smmuv3'

/** A subject with what causes derive from the machine, once and only when it is asked for: every function asks. */
export class LookedThrough implements CauseSubject {
  readonly machine: Subject['machine']
  readonly routes: Subject['routes']
  private readonly tree: () => TreeIommus | undefined
  private readonly smmus: () => number
  private readonly soc: () => CauseSubject['socWithSmmu']
  private readonly ports: () => CauseSubject['portsWithoutIommu']
  private readonly gicV2: () => boolean

  constructor({ machine, routes }: Subject) {
    const { deviceTree, acpi } = machine
    const { functions } = routes.context
    this.machine = machine
    this.routes = routes
    this.tree = once(() => (deviceTree.state === 'known' ? iommusOfTree(deviceTree.value) : undefined))
    this.smmus = once(() => (acpi.iort.state === 'known' ? acpi.iort.value.nodes.filter(isSmmu).length : 0))
    this.soc = once(() => socWithSmmu(functions))
    this.ports = once(() => portsWithoutIommu(functions))
    this.gicV2 = once(() => gicIsV2(acpi.madt, routes.controllers))
  }

  get treeIommus(): TreeIommus | undefined {
    return this.tree()
  }

  get iortSmmus(): number {
    return this.smmus()
  }

  get socWithSmmu(): CauseSubject['socWithSmmu'] {
    return this.soc()
  }

  get portsWithoutIommu(): CauseSubject['portsWithoutIommu'] {
    return this.ports()
  }

  get gicIsV2(): boolean {
    return this.gicV2()
  }
}
