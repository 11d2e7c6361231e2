import { emulateMachine } from '../../src/emulator/emulate.js'
import { probeMachine } from '../../src/probes/machine.js'
import { MemorySysroot, MemoryTree } from '../../src/sysroot/memory-sysroot.js'
import { RecordingSysroot } from '../../src/sysroot/recording-sysroot.js'

/** A file that the probes read, in a machine that can be changed in it. */
export interface MachineFile {
  readonly path: string
  readonly content: Uint8Array
  readonly sysroot: MemorySysroot
}

/** Files whose parsers are tried on their own. */
const ELSEWHERE =
  /\/(?:fdt|config|IORT|APIC|MCFG|DMAR)$|firmware\/devicetree|boot\/config|\/debug\/|proc\/interrupts|dmesg/

function filesOf(): readonly MachineFile[] {
  const tree = emulateMachine({
    name: 'fuzz',
    architecture: 'arm64',
    firmware: 'acpi',
    kernel: { release: '6.12.0', debugfs: true },
    dmi: { vendor: 'Example', product: 'Server' },
    iommus: [{ name: 'smmu', type: 'smmuv3', address: 0x9050000 }],
    msiControllers: [{ name: 'its', type: 'its', address: 0x8080000 }],
    rootComplexes: [
      { iommu: 'smmu', msi: 'its', functions: [{ address: '00:01.0', id: '8086:1572', driver: 'i40e', msix: 1 }] },
    ],
  })
  const sysroot = new MemorySysroot({ kind: 'emulated', name: 'fuzz' }, new MemoryTree(tree))
  const recording = new RecordingSysroot(sysroot)
  probeMachine(recording)
  const files = new Map<string, MachineFile>()
  for (const read of recording.record().reads) {
    if ((read.kind !== 'text' && read.kind !== 'bytes') || read.result.state !== 'known') continue
    if (!ELSEWHERE.test(read.path)) files.set(read.path, { path: read.path, content: read.result.value, sysroot })
  }
  return [...files.values()]
}

/** The single attributes of a small machine. */
export const smallMachineWith: readonly MachineFile[] = filesOf()
