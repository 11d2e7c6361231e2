import type { FunctionWord, ToldMachine } from './told-machine.js'

const FUNCTION_WORDS: Readonly<Record<FunctionWord, string>> = {
  vendor: 'vendor',
  device: 'device id',
  subsystemVendor: 'subsystem vendor',
  subsystemDevice: 'subsystem id',
  classCode: 'class',
  revision: 'revision',
  driver: 'driver',
  iommuGroup: 'IOMMU group',
  numaNode: 'NUMA node',
  secondaryBus: 'bus behind it',
  subordinateBus: 'last bus behind it',
  bridgeAbove: 'bridge above it',
  name: 'name',
}
/** Names differ with the age of a database, and numbers of buses while Linux boots. */
const NO_SIGN: ReadonlySet<FunctionWord> = new Set(['name', 'secondaryBus', 'subordinateBus'])
const FILE_WORDS: ReadonlyMap<string, string> = new Map([
  ['proc/sys/kernel/osrelease', 'the kernel release'],
  ['proc/sys/kernel/arch', 'the architecture'],
  ['proc/cmdline', 'the kernel command line'],
  ['proc/interrupts', '/proc/interrupts'],
  ['sys/firmware/fdt', 'the device tree'],
])

/** What the texts tell in two ways, in words: `driver of 0000:01:00.0`. Of none of it is anything known. */
export function contradictions(machine: ToldMachine): readonly string[] {
  const files = [...machine.files].flatMap(([path, told]) =>
    told === 'contradicted' ? [FILE_WORDS.get(path) ?? `/${path}`] : [],
  )
  const functions = [...machine.functions.values()].flatMap(({ name, words }) => {
    const told = [...words].flatMap(([word, { value }]) =>
      value === 'contradicted' && !NO_SIGN.has(word) ? [FUNCTION_WORDS[word]] : [],
    )
    return told.length > 0 ? [`${told.join(', ')} of ${name}`] : []
  })
  return [...files, ...functions]
}
