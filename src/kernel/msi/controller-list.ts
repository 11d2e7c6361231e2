import type { DeviceTreeNode } from '../../machine/devicetree.js'
import { isIts, type Answer } from '../../machine/kinds.js'
import { allOf } from '../decision.js'
import type { MsiController } from './msi-controller.js'

/** Keeps what comes first. */
function put<Key>(map: Map<Key, MsiController>, key: Key, controller: MsiController): void {
  if (!map.has(key)) map.set(key, controller)
}

/** The MSI controllers of a machine, and what leads to each: every function asks. */
export class ControllerList {
  /** In a stable order. */
  readonly all: readonly MsiController[]
  /** The ITSs among them. */
  readonly its: readonly MsiController[]
  /** Those that are enabled and registered, to which a function could be mapped. */
  readonly usableIts: readonly MsiController[]
  /** The one that answers for every host bridge under ACPI: a GICv2m frame, or IMSICs. */
  readonly acpiDefault: MsiController | undefined
  /** Whether no pre-ITS stands before an ITS, where nobody can tell which one it is. */
  readonly withoutPreIts: Answer
  /** Some controller may be one of any kind. */
  readonly hasUnknown: boolean
  private readonly byItsId = new Map<string, MsiController>()
  private readonly ids = new Set<string>()
  private readonly byPath = new Map<string, MsiController>()
  private readonly sharedByPath = new Map<string, MsiController>()

  constructor(all: readonly MsiController[]) {
    this.all = all
    this.its = all.filter(({ kind }) => isIts(kind))
    this.usableIts = this.its.filter(({ registered }) => registered === 'yes')
    this.acpiDefault = all.find(({ node, kind }) => node === undefined && (kind === 'gicv2m' || kind === 'imsic'))
    this.hasUnknown = all.some(({ kind }) => kind === 'unknown')
    this.withoutPreIts = withoutPreIts(all)
    for (const controller of all) {
      const { node, id, kind } = controller
      if (node === undefined) {
        this.ids.add(id)
        if (isIts(kind)) put(this.byItsId, id, controller)
        continue
      }
      put(this.byPath, node.path, controller)
      if (kind !== 'host-bridge') put(this.sharedByPath, node.path, controller)
    }
  }

  /** The ITS of the MADT with this id. */
  itsOfTable(id: string): MsiController | undefined {
    return this.byItsId.get(id)
  }

  /** Whether the MADT has something of this id. */
  isInTable(id: string): boolean {
    return this.ids.has(id)
  }

  /** The controller that a map or `msi-parent` names by its node: the receiver of a host bridge serves that bridge alone. */
  ofNode({ path }: DeviceTreeNode): MsiController | undefined {
    return this.sharedByPath.get(path)
  }

  /** Whatever a node is: a host bridge may have a receiver under its own. */
  at({ path }: DeviceTreeNode): MsiController | undefined {
    return this.byPath.get(path)
  }
}

/** What all ITSs together say of a pre-ITS; what may be one leaves it open. */
function withoutPreIts(all: readonly MsiController[]): Answer {
  const answers = all.flatMap((controller): Answer[] => {
    if (controller.kind === 'unknown') return ['unknown']
    return controller.kind === 'its' ? [controller.payloadChecked] : []
  })
  if (answers.includes('no')) return answers.every((answer) => answer === 'no') ? 'no' : 'unknown'
  return allOf(answers)
}
