import type { Fact } from '../../machine/fact.js'
import type { IortTable } from '../../machine/iort.js'
import type { LogLines } from '../log-lines.js'

/** K: arm_smmu_device_hw_probe, arm_smmu_device_cfg_probe. */
const FOUND = /^arm-smmu(-v3)? (\S{1,80}): (?:(?:ias \d+-bit, )?oas \d+-bit \(features|SMMUv[12] with)/
/** Whatever an SMMU's driver printed as it gave up. */
const FAILED =
  /^arm-smmu(?:-v3)?[: ].{0,120}(?:failed|[Ff]ailed to|unable to|missing|no translation support|not responding|too small|unknown output|not supported)/
/** Devices of an IORT have the number of their making in place of an address. */
const NUMBERED = /^arm-smmu(?:-v3)?\.\d{1,3}\.auto$/

/** The SMMUs of one driver that found its hardware, and how many of them an IORT should have. */
interface Started {
  /** What stands before the first dot of a name: the register base of a device of a tree. */
  readonly bases: ReadonlySet<string>
  /** How many are named by a number. */
  readonly numbered: number
  /** Nodes of the IORT; undefined where it is not known. */
  readonly inIort: number | undefined
}

/** The SMMUs that started, as the log tells; undefined where some driver gave up. */
export type StartedSmmus = Readonly<Record<'smmuv3' | 'smmuv2', Started>> | undefined

/** Looks for the SMMUs that started, once: each function asks for the one before it. */
export function startedSmmus(log: LogLines, iort: Fact<IortTable>): StartedSmmus {
  if (log.of(FAILED).length > 0) return undefined
  const found = { smmuv3: new Set<string>(), smmuv2: new Set<string>() }
  for (const line of log.of(FOUND)) {
    const [, version, name = ''] = FOUND.exec(line) ?? []
    found[version === undefined ? 'smmuv2' : 'smmuv3'].add(name)
  }
  const of = (kind: 'smmuv3' | 'smmuv2'): Started => ({
    bases: new Set([...found[kind]].flatMap((name) => (name.includes('.') ? [name.slice(0, name.indexOf('.'))] : []))),
    numbered: [...found[kind]].filter((name) => NUMBERED.test(name)).length,
    inIort: iort.state === 'known' ? iort.value.nodes.filter(({ type }) => type === kind).length : undefined,
  })
  return { smmuv3: of('smmuv3'), smmuv2: of('smmuv2') }
}
