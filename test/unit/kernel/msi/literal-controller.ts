import type { MsiController } from '../../../../src/kernel/msi/msi-controller.js'
import type { MsiControllerKind } from '../../../../src/machine/kinds.js'

/** A controller that is registered and of which nothing more is known, but for `more`. */
export function msiController(kind: MsiControllerKind, more: Partial<MsiController> = {}): MsiController {
  return {
    key: 'key',
    kind,
    id: '0',
    address: undefined,
    doorbell: undefined,
    node: undefined,
    payloadChecked: 'yes',
    preIts: 'no',
    registered: 'yes',
    probed: 'unknown',
    from: [],
    ...more,
  }
}
