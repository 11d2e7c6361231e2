import type { Fact } from './fact.js'

export type Architecture = 'arm64' | 'arm' | 'x86_64' | 'riscv64' | 's390x' | 'powerpc' | 'loongarch64' | 'other'

export interface ModuleParameter {
  readonly module: string
  readonly name: string
  /** `parameters/NAME` of the loaded module; absent when the module is not loaded. */
  readonly value: Fact<string>
}

/** What could be read of a kernel log of which not all could. */
export interface UnreadableLog {
  /** The messages that were read, in order. */
  readonly lines: readonly string[]
  /** Lines that were not read, and lines there are. */
  readonly unread: number
  readonly total: number
}

export interface KernelFacts {
  /** `6.12.95+deb12-arm64`. */
  readonly release: Fact<string>
  readonly architecture: Fact<Architecture>
  /** Words of `/proc/cmdline`, in order. */
  readonly commandLine: Fact<readonly string[]>
  /** `CONFIG_…` options of `/proc/config.gz` or `/boot/config-RELEASE`; options that are not set are `n`. */
  readonly configuration: Fact<ReadonlyMap<string, string>>
  /** Keyed `module.parameter`, for the parameters in `probes/kernel.ts`. */
  readonly parameters: ReadonlyMap<string, ModuleParameter>
  /** Modules whose directory below `/sys/module` exists. */
  readonly loadedModules: Fact<ReadonlySet<string>>
  /** `module.parameter` → value, of `options` lines in modprobe.d. */
  readonly modprobeOptions: Fact<ReadonlyMap<string, string>>
  /** Paths of device nodes that exist, below `/dev`: `dev/vfio/vfio`, `dev/iommu`, `dev/kvm`. */
  readonly deviceNodes: Fact<ReadonlySet<string>>
  /** Lines of the kernel log, without time stamps. Absence is a value: the log rotates away. */
  readonly log: Fact<readonly string[]>
  /** Where the log is unreadable in part only: the rest. It may show a hazard and never that there is none. */
  readonly logInPart?: UnreadableLog
  /** Lines of earlier starts of the kernel that the log holds too, which are passed over. */
  readonly earlierStarts?: number
}

/** What the firmware calls the machine. */
export interface Dmi {
  readonly vendor: Fact<string>
  readonly product: Fact<string>
}

export interface VirtualizationHints {
  /** `yes` with what showed it, `no` only where something positive says so, else `unknown`. */
  readonly virtualized: 'yes' | 'no' | 'unknown'
  /** Name of the hypervisor or VMM where known: `qemu`, `kvm`, `hyper-v`, `xen`. */
  readonly hypervisor?: string
  /** The domain through which Xen is controlled (dom0): Xen owns the IOMMU, and this is no guest. */
  readonly controlDomain?: true
  readonly evidence: Fact<string>
}
