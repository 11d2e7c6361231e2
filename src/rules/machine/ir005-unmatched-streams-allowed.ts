import { commandLineValues } from '../../kernel/context.js'
import { atLeast, type KernelRelease } from '../../kernel/release.js'
import type { Machine } from '../../machine/machine.js'
import type { Route } from '../../routes/route.js'
import { evidenceFrom, evidenceOf } from '../evidence.js'
import { NOT_APPLICABLE, type Evidence, type Outcome, type Rule, type Subject } from '../rule.js'
import { isOn } from '../../kernel/module-parameter.js'

/** Whether an SMMU lets through what no stream table entry or stream mapping names. */
export interface UnmatchedStreams {
  readonly state: 'blocked' | 'allowed' | 'unreadable'
  readonly evidence: readonly Evidence[]
}

const BLOCKED: UnmatchedStreams = { state: 'blocked', evidence: [] }
const DEFAULT_OPTION = 'CONFIG_ARM_SMMU_DISABLE_BYPASS_BY_DEFAULT'

/** The parameter `disable_bypass` of the driver, as loaded or as the command line has it; undefined when neither says. */
function parameterSays(machine: Machine, module: string): UnmatchedStreams | undefined {
  const parameter = `${module}.disable_bypass`
  const { parameters, commandLine } = machine.kernel
  const loaded = parameters.get(parameter)?.value
  if (loaded?.state === 'known')
    return { state: isOn(loaded.value) ? 'blocked' : 'allowed', evidence: evidenceOf(loaded, loaded.value) }
  if (loaded?.state === 'unreadable') return { state: 'unreadable', evidence: evidenceOf(loaded) }
  if (commandLine.state !== 'known') return { state: 'unreadable', evidence: evidenceOf(commandLine) }
  const last = commandLineValues(machine, parameter).at(-1)
  if (last === undefined) return undefined
  return {
    state: isOn(last) ? 'blocked' : 'allowed',
    evidence: evidenceFrom(commandLine.from, `${parameter}=${last}`),
  }
}

/** SMMUv1 and v2: the parameter, else the option it takes its default from. */
function ofSmmuV2(machine: Machine): UnmatchedStreams {
  const said = parameterSays(machine, 'arm_smmu')
  if (said) return said
  const { configuration } = machine.kernel
  if (configuration.state !== 'known') return { state: 'unreadable', evidence: evidenceOf(configuration) }
  const option = configuration.value.get(DEFAULT_OPTION)
  const evidence = evidenceFrom(configuration.from, `${DEFAULT_OPTION}=${option ?? 'unknown to this kernel'}`)
  return { state: option === 'y' ? 'blocked' : option === 'n' ? 'allowed' : 'unreadable', evidence }
}

/** SMMUv3: the parameter is there up to 6.8, off by default in 4.18 and on from 5.0; 6.12 has none, and always blocks. */
function ofSmmuV3(machine: Machine, release: KernelRelease | undefined): UnmatchedStreams {
  if (release && atLeast(release, 6, 12)) return BLOCKED
  const said = parameterSays(machine, 'arm_smmu_v3')
  if (said) return said
  return release && atLeast(release, 5, 0)
    ? BLOCKED
    : { state: 'unreadable', evidence: evidenceOf(machine.kernel.release) }
}

/** Answers for the SMMU drivers of the machine's kernel, each worked out once. */
export function unmatchedStreams({ machine, routes }: Subject): (route: Route) => UnmatchedStreams {
  const v2 = ofSmmuV2(machine)
  const v3 = ofSmmuV3(machine, routes.context.release)
  return (route) => {
    switch (route.iommu.kind) {
      case 'smmuv2':
        return v2
      case 'smmuv3':
        return v3
      case 'unknown':
        return v2.state === 'blocked' && v3.state === 'blocked'
          ? BLOCKED
          : { state: 'unreadable', evidence: [...v2.evidence, ...v3.evidence] }
      case 'virtio-iommu':
      case 'vt-d':
      case 'amd-vi':
      case 'riscv':
      case 'other':
      case 'none':
        return BLOCKED
    }
  }
}

const isArm = ({ routes }: Subject) =>
  routes.context.architecture === 'arm64' ||
  routes.context.architecture === 'arm' ||
  routes.context.architecture === undefined

function check(subject: Subject): Outcome {
  const kinds = ['smmuv2', 'smmuv3', 'unknown'] as const
  const behind = subject.routes.routes.filter((route) => kinds.some((kind) => kind === route.iommu.kind))
  if (behind.length === 0 || !isArm(subject)) return NOT_APPLICABLE
  const answer = unmatchedStreams(subject)
  const items = kinds.flatMap((kind) => {
    const devices = behind.filter((route) => route.iommu.kind === kind)
    const [first] = devices
    if (!first) return []
    const { state, evidence } = answer(first)
    if (state === 'blocked') return []
    const names = devices.map((route) => route.fn.name)
    const smmu = kind === 'smmuv2' ? 'SMMUv2' : kind === 'smmuv3' ? 'SMMUv3' : 'SMMU'
    return [{ state, item: { subject: smmu, devices: names, message: state, details: { smmu }, evidence } }]
  })
  return {
    failed: items.filter(({ state }) => state === 'allowed').map(({ item }) => item),
    unknown: items.filter(({ state }) => state === 'unreadable').map(({ item }) => item),
    applicable: true,
  }
}

export const unmatchedStreamsAllowed: Rule = {
  id: 'IR005',
  slug: 'unmatched-streams-allowed',
  title: 'The SMMU lets streams through that nobody configured',
  scope: 'machine',
  severity: 'high',
  effect: 'caveat',
  checks:
    'disable_bypass of the drivers arm-smmu and, up to Linux 6.8, arm-smmu-v3: loaded value, kernel command line, and the default of the release or that the kernel was built with.',
  why: 'The SMMU then passes traffic whose StreamID no context names, untranslated: a device that emits a RequesterID nobody described, or a forged one, reaches all of memory and every doorbell.',
  remedy: [
    {
      actor: 'configuration',
      text: 'Boot with arm-smmu.disable_bypass=1, for an SMMUv3 arm-smmu-v3.disable_bypass=1, in place of any such word that ends in 0; where a device breaks by it, have the firmware describe the device.',
    },
    { actor: 'kernel', text: `Build the kernel with ${DEFAULT_OPTION}=y.` },
  ],
  limits:
    'Whether some device does emit such RequesterIDs cannot be seen. What firmware set up before Linux is not read.',
  references: [
    { kind: 'linux', title: 'Linux, SMMUv1 and v2', locator: 'drivers/iommu/arm/arm-smmu/arm-smmu.c: disable_bypass' },
    {
      kind: 'linux',
      title: 'Linux 6.8, SMMUv3',
      locator: 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c: disable_bypass',
    },
  ],
  outcomes: ['pass', 'fail', 'unknown', 'not-applicable'],
  messages: {
    allowed: 'The {smmu} passes streams that nobody configured (disable_bypass is off).',
    unreadable: 'Whether the {smmu} passes streams that nobody configured cannot be told.',
  },
  check,
}
