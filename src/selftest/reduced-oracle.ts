import type { Oracle, OracleDevice, OracleRound, OracleStep } from './oracle.js'

const step = ({ errno, error, stage }: OracleStep): OracleStep => ({ errno, error, stage })

const round = ({ legacy, iommufd, kernel_predicates }: OracleRound): OracleRound => ({
  legacy: step(legacy),
  iommufd: iommufd && step(iommufd),
  kernel_predicates,
})

function reducedDevice({
  bdf,
  group,
  skipped,
  note,
  bind_vfio_pci,
  strict,
  unsafe_allowed,
}: OracleDevice): OracleDevice {
  return {
    bdf,
    group,
    ...(skipped === undefined ? {} : { skipped }),
    ...(note === undefined ? {} : { note }),
    ...(bind_vfio_pci ? { bind_vfio_pci: { errno: bind_vfio_pci.errno, error: bind_vfio_pci.error } } : {}),
    ...(strict ? { strict: round(strict) } : {}),
    ...(unsafe_allowed ? { unsafe_allowed: round(unsafe_allowed) } : {}),
  }
}

/** The fields of an oracle that are compared, so that a bundle holds no more of the lab than it needs. */
export function reducedOracle({ kernel, params_as_booted, nodes, devices }: Oracle): Oracle {
  return { kernel, params_as_booted, nodes, devices: devices.map(reducedDevice) }
}
