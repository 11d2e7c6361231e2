import type { MachineDescription } from '../../src/emulator/machine-description.js'
import { all, at, complexOf, flatten, idAmong, IDS, newer, type Complex, type Fn } from './reckoned-functions.js'

/**
 * What a description implies, reckoned by hand from the specification of the tool: every RequesterID of every root
 * complex is written into a table, and everything is looked up there. Shares nothing with the tool but the types of the
 * description. The IOMMU groups that sysfs shows are an input, as they are for the tool.
 */
export interface Groups {
  /** As sysfs shows them now. */
  readonly now: ReadonlyMap<string, string>
  /** With a driver bound to every function. */
  readonly bound: ReadonlyMap<string, string>
}

export interface Expected {
  /** `either`: isolated or isolated-with-caveats, where the specification leaves it to the rules. */
  readonly verdict: 'isolated' | 'isolated-with-caveats' | 'not-isolated' | 'unknown' | 'either'
  readonly isolatedMsi: 'yes' | 'no' | 'unknown'
  /** `outcome errno`. */
  readonly vfioType1: string
  readonly iommufd: string
}

class Reckoning {
  readonly machine: MachineDescription
  readonly groups: Groups
  readonly complexes: readonly Complex[]
  readonly functions: readonly Fn[]
  private readonly words: readonly string[]
  private readonly sentOn = new Map<string, ReadonlyMap<number, { readonly to: string; readonly id: number }>>()
  private readonly differing = new Map<string, boolean>()

  constructor(machine: MachineDescription, groups: Groups) {
    this.machine = machine
    this.groups = groups
    this.words = (machine.kernel.commandLine ?? '').split(' ')
    this.complexes = machine.rootComplexes.map(complexOf)
    this.functions = this.complexes.flatMap((complex) =>
      flatten(complex, complex.description.functions, (rids) => {
        const names = rids.map((rid) => at(complex.iommu, rid)?.to)
        const unit = names.includes(undefined) ? undefined : this.unit(names[0])
        return unit !== undefined && unit.enabled !== false && unit.driver === false
      }),
    )
  }

  private newer(major: number, minor: number): boolean {
    return newer(this.machine.kernel.release, major, minor)
  }

  private unit(name: string | undefined) {
    return (this.machine.iommus ?? []).find((one) => one.name === name)
  }

  private controller(name: string | undefined) {
    return (this.machine.msiControllers ?? []).find((one) => one.name === name)
  }

  private get noLpi(): boolean {
    return this.words.includes('irqchip.gicv3_nolpi=1')
  }

  /** The IOMMU before a function, if it is there and enabled. */
  iommuOf(fn: Fn) {
    const found = fn.rids.map((rid) => at(fn.complex.iommu, rid))
    const names = new Set(found.map((one) => one?.to))
    const [name] = names
    if (names.size !== 1 || name === undefined || fn.ownIommu) return undefined
    const unit = this.unit(name)
    return unit && unit.enabled !== false
      ? { unit, streamIds: found.flatMap((one) => (one ? [one.id] : [])) }
      : undefined
  }

  /** Linux has an IOMMU group for the function, or gives it one when vfio-pci binds. */
  attachment(fn: Fn): 'grouped' | 'later' | 'never' | 'deferred' | 'untold' {
    if (this.groups.now.has(fn.name)) return 'grouped'
    const iommu = this.iommuOf(fn)
    if (!iommu) return 'never'
    const takesAll = iommu.unit.type === 'vt-d' || iommu.unit.type === 'amd-vi'
    if (takesAll) return 'never'
    if (iommu.unit.driver === false) return 'deferred'
    if (this.newer(6, 15) || fn.driver) return 'never'
    const taken = this.functions.some((other) => {
      const theirs = this.iommuOf(other)
      if (other === fn || !this.groups.now.has(other.name) || theirs?.unit !== iommu.unit) return false
      return iommu.unit.type === 'smmuv3' && theirs.streamIds.some((id) => iommu.streamIds.includes(id))
    })
    // Before 5.13 nothing kept a second function from a StreamID: what came of it then is no answer.
    if (taken && !this.newer(5, 13)) return 'untold'
    return taken ? 'never' : 'later'
  }

  /** With tables, an SMMU sends StreamIDs on to DeviceIDs, whichever root complex they came from. */
  private onward(unit: string): ReadonlyMap<number, { readonly to: string; readonly id: number }> {
    const known = this.sentOn.get(unit)
    if (known) return known
    const ways = new Map<number, { readonly to: string; readonly id: number }>()
    const asked = new Set(this.functions.flatMap(({ complex, msiRid }) => at(complex.iommu, msiRid)?.id ?? []))
    for (const { iommu, msi } of this.complexes) {
      const index = iommu.names.indexOf(unit) + 1
      const isIts = msi.names.map((name) => this.controller(name)?.type === 'its')
      for (let rid = 0; index > 0 && rid < IDS; rid++) {
        const way = msi.target[rid] ?? 0
        const streamId = iommu.id[rid] ?? 0
        if (iommu.target[rid] !== index || isIts[way - 1] !== true || !asked.has(streamId) || ways.has(streamId))
          continue
        ways.set(streamId, { to: msi.names[way - 1] ?? '', id: msi.id[rid] ?? 0 })
      }
    }
    this.sentOn.set(unit, ways)
    return ways
  }

  private msiTarget(fn: Fn): { readonly to: string; readonly id: number } | undefined {
    const stream = this.machine.firmware === 'acpi' ? at(fn.complex.iommu, fn.msiRid) : undefined
    return stream ? this.onward(stream.to).get(stream.id) : at(fn.complex.msi, fn.msiRid)
  }

  /**
   * The working ITS that firmware gives a function, with its DeviceID; without a domain of its own that of the bridge
   * above it, and then no table says which DeviceID the function has (`guessed`).
   */
  itsOf(
    fn: Fn,
    bridge = fn,
  ): { readonly name: string; readonly deviceId: number; readonly guessed: boolean } | undefined {
    const target = this.msiTarget(bridge)
    const controller = this.controller(target?.to)
    if (target && controller?.type === 'its' && !this.noLpi) {
      if (bridge === fn) return { name: target.to, deviceId: target.id, guessed: false }
      const tables = this.machine.firmware === 'acpi'
      const deviceId = tables ? fn.msiRid : idAmong(fn.complex, target.to, fn.msiRid)
      return { name: target.to, deviceId, guessed: true }
    }
    if ((controller?.type === 'gicv2m' && this.framesServe) || controller?.type === 'gicv3-mbi') return undefined
    return bridge.above ? this.itsOf(fn, bridge.above) : undefined
  }

  /** Linux takes GICv2m frames where no ITS can serve. */
  private get framesServe(): boolean {
    const others = (this.machine.msiControllers ?? []).some(({ type }) => type === 'its' || type === 'gicv3-mbi')
    return !others || this.noLpi
  }

  private remapping(): boolean {
    if (this.words.some((word) => word === 'nointremap' || word === 'intremap=off')) return false
    const units = this.machine.iommus ?? []
    return units.length > 0 && units.every(({ interruptRemapping }) => interruptRemapping !== false)
  }

  /** R_dev: the function's MSI domain checks payloads. */
  private perDevice(fn: Fn): boolean {
    switch (this.machine.architecture) {
      case 'x86_64':
        return this.remapping() && !fn.ownIommu
      case 'riscv64':
      case 's390x':
        return this.machine.architecture === 's390x'
      case 'arm64': {
        const its = this.itsOf(fn)
        return its !== undefined && this.controller(its.name)?.preIts === undefined
      }
    }
  }

  /** R_glob: every MSI domain that is registered checks payloads. */
  private global(): boolean {
    if (this.machine.architecture !== 'arm64') return false
    const used = new Set(this.complexes.map(({ description }) => description.msi))
    return (this.machine.msiControllers ?? []).every(({ name, type, preIts }) => {
      if (type === 'its') return this.noLpi || preIts === undefined
      if (type === 'gicv2m') return !this.framesServe
      return type === 'dwc' ? !used.has(name) : false
    })
  }

  private isolatedMsi(fn: Fn): Expected['isolatedMsi'] {
    const word = (value: boolean) => (value ? 'yes' : 'no')
    if (this.newer(6, 3)) return word(this.perDevice(fn))
    const arm = this.machine.architecture === 'arm64'
    const capability = arm ? !this.newer(4, 11) : this.remapping()
    if (!this.newer(4, 11)) return word(capability)
    if (this.newer(4, 14)) return word(this.global() || capability)
    const group = this.groups.now.has(fn.name)
    // A group on Arm has the software MSI window; x86 has the architectural range.
    if (group) return word(arm ? this.global() : capability)
    return this.global() === capability ? word(capability) : 'unknown'
  }

  private gate(fn: Fn, which: 'vfioType1' | 'iommufd'): string {
    const { kernel } = this.machine
    if (fn.bridge || fn.ownIommu) return 'not-applicable none'
    if (which === 'iommufd' && (!this.newer(6, 2) || !(kernel.deviceNodes ?? []).includes('dev/iommu')))
      return 'absent none'
    const attachment = this.attachment(fn)
    // The driver core passed no error of a probe on before 5.14.
    const failed = (error: string) => `refuses ${this.newer(5, 14) ? error : 'ENODEV'}`
    if (attachment === 'never') return failed('EINVAL')
    if (attachment === 'deferred') return failed('EAGAIN')
    if (attachment === 'untold') return 'unknown unknown'
    const unit = this.iommuOf(fn)?.unit
    // 5.19 and 6.0 ask, and the SMMU drivers of both say yes to everything.
    const asked = unit?.type === 'riscv' ? this.newer(5, 19) : this.newer(6, 1)
    if (asked && (unit?.type === 'riscv' || (unit?.type === 'smmuv3' && unit.coherent === false)))
      return 'refuses EINVAL'
    const now = this.groups.now.get(fn.name)
    const bound = this.groups.bound.get(fn.name)
    const members = this.functions.filter((other) => {
      const theirs = this.groups.now.get(other.name)
      if (other === fn || theirs === undefined) return other === fn
      return now === undefined ? this.groups.bound.get(other.name) === bound : theirs === now
    })
    const answers = members.map((member) => this.isolatedMsi(member))
    if (answers.includes('no')) {
      const module = which === 'iommufd' ? 'iommufd' : 'vfio_iommu_type1'
      const override = kernel.parameters?.[`${module}.allow_unsafe_interrupts`] === 'Y'
      return override ? 'accepts-by-override none' : 'refuses EPERM'
    }
    return answers.includes('unknown') ? 'unknown unknown' : 'accepts none'
  }

  private key(fn: Fn): string {
    return this.groups.now.get(fn.name) ?? fn.name
  }

  /** H7: another group has the DeviceID. */
  private sharesDeviceId(fn: Fn): boolean {
    const its = this.itsOf(fn)
    return (
      its !== undefined &&
      this.functions.some((other) => {
        const theirs = this.itsOf(other)
        return theirs?.name === its.name && theirs.deviceId === its.deviceId && this.key(other) !== this.key(fn)
      })
    )
  }

  /** H8: another root complex's entries give out the id. */
  private inOtherRange(fn: Fn, id: number, to: string, which: 'iommuMap' | 'msiMap'): boolean {
    return this.complexes.some(({ description }) => {
      if (description === fn.complex.description) return false
      const whole = which === 'iommuMap' ? description.iommu : (description.msi ?? description.msiParent?.to)
      const mask = Number(description[`${which}Mask`] ?? 0xffffffff)
      return (description[which] ?? all(whole)).some(({ from = 0, count = IDS, outputBase = 0, single, to: name }) => {
        const last = single ? Number(outputBase) : Number(outputBase) + Math.min(Number(count), IDS - Number(from)) - 1
        // An id that no RequesterID has after the mask is nobody's.
        const masked = id - Number(outputBase) + Number(from)
        const given = single || (masked & mask) >>> 0 === masked
        return name === to && id >= Number(outputBase) && id <= last && given
      })
    })
  }

  /** H9: over all RequesterIDs of the root complex that take this way, the distances between the ids differ. */
  private distancesDiffer({ complex }: Fn, its: string, unit: string): boolean {
    const key = `${complex.segment} ${its} ${unit}`
    const known = this.differing.get(key)
    if (known !== undefined) return known
    const differ = this.distancesOf(complex, its, unit)
    this.differing.set(key, differ)
    return differ
  }

  private distancesOf({ iommu, msi, description }: Complex, its: string, unit: string): boolean {
    const { iommuMapMask = 0xffffffff, msiMapMask = 0xffffffff } = description
    const masks = Number(iommuMapMask) === Number(msiMapMask)
    const unitIndex = iommu.names.indexOf(unit) + 1
    const itsIndex = msi.names.indexOf(its) + 1
    let stream: number | undefined
    let device: number | undefined
    const singles = [...(description.iommuMap ?? []), ...(description.msiMap ?? [])].some(({ single }) => single)
    if (singles) return true
    for (let rid = 0; rid < IDS; rid++) {
      // Ids that a mask makes equal are H7; here only the entries count.
      if (masks && (rid & Number(msiMapMask)) !== rid) continue
      if (iommu.target[rid] !== unitIndex || msi.target[rid] !== itsIndex) continue
      const streamId = iommu.id[rid] ?? 0
      const deviceId = msi.id[rid] ?? 0
      stream ??= streamId - rid
      device ??= deviceId - streamId
      if (stream !== streamId - rid || device !== deviceId - streamId) return true
    }
    return false
  }

  private verdictOnArm(fn: Fn): Expected['verdict'] {
    const iommu = this.iommuOf(fn)
    const its = this.itsOf(fn)
    if (!iommu || !its || !this.perDevice(fn) || this.sharesDeviceId(fn)) return 'not-isolated'
    const { unit, streamIds } = iommu
    const bypass = unit.type === 'smmuv2' && this.machine.kernel.parameters?.['arm_smmu.disable_bypass'] === 'N'
    const ats = fn.ats && fn.complex.description.atsSupported === true
    const collides = this.inOtherRange(fn, its.deviceId, its.name, 'msiMap')
    if (its.guessed || bypass || ats || collides || this.distancesDiffer(fn, its.name, unit.name))
      return 'isolated-with-caveats'
    // The hazards leave open what shared StreamIDs mean, and whether ids under a mask keep their distance.
    const open =
      streamIds.some((id) => this.inOtherRange(fn, id, unit.name, 'iommuMap')) ||
      fn.complex.description.iommuMapMask !== undefined
    return open ? 'either' : 'isolated'
  }

  private verdict(fn: Fn): Expected['verdict'] {
    const attachment = this.attachment(fn)
    if (attachment === 'never' || attachment === 'deferred') return 'not-isolated'
    if (attachment === 'untold') return !this.perDevice(fn) || this.sharesDeviceId(fn) ? 'not-isolated' : 'unknown'
    switch (this.machine.architecture) {
      case 'arm64':
        return this.verdictOnArm(fn)
      case 'x86_64':
        if (!this.perDevice(fn)) return 'not-isolated'
        // AMD's units look every request up by its source; only Intel's can be told not to compare.
        if (this.words.includes('intremap=nosid') && this.iommuOf(fn)?.unit.type === 'vt-d') return 'not-isolated'
        return fn.ats ? 'isolated-with-caveats' : 'isolated'
      case 'riscv64':
      case 's390x':
        return 'not-isolated'
    }
  }

  expected(fn: Fn): Expected {
    return {
      verdict: this.verdict(fn),
      isolatedMsi: this.isolatedMsi(fn),
      vfioType1: this.gate(fn, 'vfioType1'),
      iommufd: this.gate(fn, 'iommufd'),
    }
  }
}

/** What the tool has to say of every function, by name. */
export function reckon(machine: MachineDescription, groups: Groups): ReadonlyMap<string, Expected> {
  const reckoning = new Reckoning(machine, groups)
  return new Map(reckoning.functions.map((fn) => [fn.name, reckoning.expected(fn)]))
}
