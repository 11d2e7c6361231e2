import type { DeviceReport, FindingReport, GroupReport, Report, Verdict } from '../../../src/report/types.js'

const OFFERED = { offered: 'yes', moduleLoaded: 'yes', unsafeInterruptsAllowed: 'no' } as const

/** An isolated endpoint behind SMMU and ITS; a test names only what it is about. */
export function device(address: string, changes: Partial<DeviceReport> = {}): DeviceReport {
  const { verdict = 'isolated', effectiveVerdict = verdict } = changes
  return {
    address,
    role: 'endpoint',
    vendorId: '0x8086',
    deviceId: '0x10d3',
    classCode: '0x020000',
    driver: 'e1000e',
    iommuGroup: 'none',
    verdict,
    effectiveVerdict,
    strength: 'in-use',
    reason: 'its-behind-smmu',
    chain: {
      requesterIds: ['0x100'],
      iommu: { kind: 'smmuv3', name: 'smmu3.0x9050000', streamIds: ['0x100'], hostDomain: 'DMA' },
      msiController: { kind: 'its', id: '0', doorbell: '0x8090040', deviceIds: ['0x100'] },
      msiWindow: { kind: 'software', start: '0x8000000', end: '0x80fffff' },
    },
    kernel: {
      isolatedMsi: 'yes',
      vfioType1: { outcome: 'accepts', errno: 'none' },
      iommufd: { outcome: 'accepts', errno: 'none' },
    },
    obstacles: [],
    hardware: {
      msi: { present: 'yes', enabled: 'no', vectors: 1 },
      msix: { present: 'yes', enabled: 'yes', vectors: 5 },
      vectorsInUse: 5,
      upstream: [],
      physicalFunction: 'none',
      virtualFunctionIndex: 'none',
      numaNode: 0,
      driverOverride: 'none',
      vfioDevice: 'none',
    },
    assignable: { answer: 'yes', interfaces: ['vfioType1', 'iommufd'], reasons: [] },
    ifConfirmed: 'none',
    cause: 'none',
    findings: [],
    ...changes,
  }
}

/** One that the kernel refuses, as it should. */
export function refused(address: string, changes: Partial<DeviceReport> = {}): DeviceReport {
  return device(address, {
    verdict: 'not-isolated',
    reason: 'gicv2m',
    kernel: {
      isolatedMsi: 'no',
      vfioType1: { outcome: 'refuses', errno: 'EPERM' },
      iommufd: { outcome: 'refuses', errno: 'EPERM' },
    },
    ...changes,
  })
}

export function group(id: string, devices: readonly string[], changes: Partial<GroupReport> = {}): GroupReport {
  return {
    id,
    type: 'DMA',
    verdict: 'isolated',
    isolatedMsi: 'yes',
    viable: 'yes',
    holders: [],
    devices,
    membersComplete: 'yes',
    reservedRegions: [],
    ...changes,
  }
}

export function finding(rule: string, changes: Partial<FindingReport> = {}): FindingReport {
  return {
    rule,
    severity: 'medium',
    outcome: 'fail',
    effect: 'none',
    subject: 'machine',
    devices: [],
    summary: `Summary of ${rule}.`,
    evidence: [{ source: '/proc/cmdline', locator: 'whole file', value: 'quiet' }],
    actor: 'configuration',
    remedy: `Remedy of ${rule}.`,
    cause: 'none',
    references: [],
    ...changes,
  }
}

export function report(devices: readonly DeviceReport[], changes: Partial<Report> = {}): Report {
  const endpoints = devices.filter((item) => item.role === 'endpoint')
  const number = (verdict: Verdict) => endpoints.filter((item) => item.verdict === verdict).length
  const bad = number('not-isolated') > 0
  return {
    schema: 'intremap/report',
    schemaVersion: '1.0.0',
    tool: { name: 'intremap', version: '0.1.0', ruleset: '1' },
    source: { kind: 'live', name: '/' },
    platform: {
      architecture: 'arm64',
      firmware: 'acpi',
      kernelRelease: '6.12.95',
      kernelReleaseObserved: '6.12.95',
      gateRule: 'per-device',
      gateRelease: '6.12.95',
      virtualized: 'no',
      machine: {
        vendor: 'Dell Inc.',
        product: 'PowerEdge R750',
        firmwareVersion: '1.2',
        firmwareDate: '01/02/2025',
        firmwareFingerprint: '0'.repeat(64),
      },
      interfaces: { vfioType1: OFFERED, iommufd: OFFERED, vfioCdev: 'yes' },
    },
    summary: {
      verdict: bad ? 'not-isolated' : 'isolated',
      devices: {
        isolated: number('isolated'),
        'isolated-with-caveats': number('isolated-with-caveats'),
        'not-isolated': number('not-isolated'),
        unknown: number('unknown'),
      },
    },
    devices,
    groups: [],
    platformDevices: [],
    iommus: [],
    msiControllers: [],
    findings: [],
    unread: [],
    exitCode: bad ? 1 : 0,
    ...changes,
  }
}

export const PLAIN = { columns: 80, colorLevel: 0, all: false } as const
