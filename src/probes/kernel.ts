import { commandLineWords } from '../machine/command-line-words.js'
import { known, type Fact } from '../machine/fact.js'
import type { KernelFacts, ModuleParameter } from '../machine/kernel.js'
import type { Sysroot } from '../sysroot/sysroot.js'
import { probeArchitecture } from './architecture.js'
import { damaged, readText, intactText, parsed, readAttribute, readNames, required } from './attribute.js'
import { WHOLE, type Coverage } from './coverage.js'
import { probeDeviceNodes } from './device-nodes.js'
import { probeConfiguration } from './kernel-configuration.js'
import { probeKernelLog } from './kernel-log.js'
import { probeModprobeOptions } from './modprobe.js'

/** `always`: every release whose module has the directory has the parameter, so that a missing file is damage. */
const PARAMETERS: readonly { readonly module: string; readonly name: string; readonly always: boolean }[] = [
  { module: 'vfio_iommu_type1', name: 'allow_unsafe_interrupts', always: true },
  { module: 'iommufd', name: 'allow_unsafe_interrupts', always: true },
  // Only with CONFIG_VFIO_NOIOMMU.
  { module: 'vfio', name: 'enable_unsafe_noiommu_mode', always: false },
  // From 5.9.
  { module: 'vfio_pci', name: 'disable_denylist', always: false },
  { module: 'arm_smmu', name: 'disable_bypass', always: true },
  // Up to 6.8.
  { module: 'arm_smmu_v3', name: 'disable_bypass', always: false },
]

/** The release: `osrelease`, and the third word of `version`, which must be the same where both can be read. */
function probeRelease(sysroot: Sysroot): Fact<string> {
  const ofName = (text: string) => (/^\d{1,9}\.\d{1,9}[\w.+~-]*$/.test(text) ? text : undefined)
  const release = parsed(readAttribute(sysroot, 'proc/sys/kernel', 'osrelease'), ofName)
  const version = parsed(readAttribute(sysroot, 'proc', 'version'), (line) =>
    ofName(/^Linux version (\S+) /.exec(line)?.[1] ?? ''),
  )
  if (release.state === 'known' && version.state === 'known') {
    return release.value === version.value ? release : damaged(release, version)
  }
  if (release.state === 'known') return release
  if (version.state === 'known') return version
  return required(release)
}

/** Words as the kernel splits them: double quotes keep blanks together and are dropped (K: lib/cmdline.c, next_arg). */
export function parseCommandLine(line: string): readonly string[] {
  return commandLineWords(line).map((word) => word.replaceAll('"', ''))
}

function probeCommandLine(sysroot: Sysroot): Fact<readonly string[]> {
  return required(
    readText(sysroot, 'proc', 'cmdline', (text) => {
      const line = intactText(text)
      return line === undefined ? undefined : parseCommandLine(line)
    }),
  )
}

function probeParameters(
  sysroot: Sysroot,
  loaded: Fact<ReadonlySet<string>>,
): { parameters: ReadonlyMap<string, ModuleParameter>; loadedModules: Fact<ReadonlySet<string>> } {
  const parameters = new Map<string, ModuleParameter>()
  let loadedModules = loaded
  for (const { module, name, always } of PARAMETERS) {
    const value = readAttribute(sysroot, `sys/module/${module}/parameters`, name)
    const listed = loaded.state === 'known' && loaded.value.has(module)
    // Without the list of modules nobody can tell whether a missing parameter's module is loaded.
    if (value.state === 'known' && !listed && loadedModules.state === 'known') {
      loadedModules = damaged(loadedModules, value)
    }
    const lost = loaded.state === 'unreadable' || (always && listed)
    parameters.set(`${module}.${name}`, { module, name, value: lost ? required(value) : value })
  }
  return { parameters, loadedModules }
}

/** Release, architecture, command line, configuration, parameters, nodes and log of the running kernel. */
export function probeKernel(
  sysroot: Sysroot,
  cpuinfo: Fact<readonly string[]>,
  coverage: Coverage = WHOLE,
): KernelFacts {
  const release = probeRelease(sysroot)
  const configuration = probeConfiguration(sysroot, release)
  const modules = required(readNames(sysroot, 'sys/module'))
  const loaded = modules.state === 'known' ? known(new Set(modules.value), ...modules.from) : modules
  return {
    release,
    architecture: probeArchitecture(sysroot, cpuinfo, configuration, release),
    commandLine: probeCommandLine(sysroot),
    configuration,
    ...probeParameters(sysroot, loaded),
    modprobeOptions: probeModprobeOptions(sysroot),
    deviceNodes: probeDeviceNodes(sysroot, coverage),
    ...probeKernelLog(sysroot),
  }
}
