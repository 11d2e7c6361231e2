/** What a device of a described machine is expected to be. Only the fields that are given are compared. */
export interface ExpectedDevice {
  readonly address: string
  readonly verdict?: string
  readonly reason?: string
  readonly isolatedMsi?: string
  /** `OUTCOME/ERRNO`, as in `refuses/EPERM`. */
  readonly vfioType1?: string
  readonly iommufd?: string
}

/** What a machine that nobody captured is expected to give, written down by hand from the rules of its release. */
export interface Expected {
  /** Weakest verdict over all endpoints. */
  readonly verdict?: string
  readonly devices: readonly ExpectedDevice[]
  /** Rules that must have a finding. */
  readonly findings?: readonly string[]
}

/** `machine.json` of a bundle. */
export interface MachineFile {
  readonly name: string
  readonly title: string
  /** What is odd about it, in a sentence or two. */
  readonly about: string
  readonly kind: 'captured' | 'emulated'
  readonly expected?: Expected
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isExpected(value: unknown): value is Expected {
  if (!isRecord(value) || !Array.isArray(value['devices'])) return false
  if (value['verdict'] !== undefined && typeof value['verdict'] !== 'string') return false
  const devices: readonly unknown[] = value['devices']
  const { findings = [] } = value
  const fields = (device: unknown) =>
    isRecord(device) && Object.values(device).every((field) => typeof field === 'string')
  return (
    devices.every((device) => fields(device) && isRecord(device) && 'address' in device) &&
    Array.isArray(findings) &&
    findings.every((rule: unknown) => typeof rule === 'string')
  )
}

/** Reads a `machine.json`; undefined when it is none. Throws what JSON.parse throws. */
export function parseMachineFile(text: string): MachineFile | undefined {
  const value: unknown = JSON.parse(text)
  return isMachineFile(value) ? value : undefined
}

function isMachineFile(value: unknown): value is MachineFile {
  return (
    isRecord(value) &&
    ['name', 'title', 'about'].every((field) => typeof value[field] === 'string') &&
    (value['kind'] === 'captured' || value['kind'] === 'emulated') &&
    (value['expected'] === undefined || isExpected(value['expected']))
  )
}
