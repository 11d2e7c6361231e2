import { idsOf, type PciFunction } from '../machine/pci.js'
import type { Answer } from '../machine/kinds.js'
import type { KernelContext } from './context.js'
import { isSwitchedOn } from './module-parameter.js'
import { atLeast, mayCarryLaterCode, type KernelRelease } from './release.js'

const INTEL = 0x8086
/** QuickAssist C3xxx, C62x and DH895xCC with their virtual functions: since 5.9, the release that made the list. */
const QUICK_ASSIST: readonly number[] = [0x19e2, 0x19e3, 0x37c8, 0x37c9, 0x0435, 0x0443]
/** DSA and IAX of Sapphire Rapids: since 6.10, and in the stable releases below. */
const ACCELERATORS: readonly number[] = [0x0b25, 0x0cfe]
/** First patch release of a stable series that has the accelerators as well. */
const STABLE: readonly (readonly [major: number, minor: number, patch: number])[] = [
  [6, 1, 91],
  [6, 6, 31],
  [6, 8, 10],
  [6, 9, 1],
]

function hasAccelerators(release: KernelRelease): Answer {
  if (atLeast(release, 6, 10)) return 'yes'
  const { major, minor, patch } = release
  const stable = STABLE.some((series) => series[0] === major && series[1] === minor && patch >= series[2])
  // Distributions take such fixes without changing the number.
  return stable ? 'yes' : 'unknown'
}

function isListed(release: KernelRelease | undefined, device: number): Answer {
  const quickAssist = QUICK_ASSIST.includes(device)
  if (!quickAssist && !ACCELERATORS.includes(device)) return 'no'
  if (!release) return 'unknown'
  if (!atLeast(release, 5, 9)) return mayCarryLaterCode(release) ? 'unknown' : 'no'
  return quickAssist ? 'yes' : hasAccelerators(release)
}

const DISABLE = 'vfio_pci.disable_denylist'

function isDisabled({ machine }: KernelContext): Answer {
  const { loadedModules, parameters } = machine.kernel
  const value = parameters.get(DISABLE)?.value
  // Every release with the list has the parameter: a loaded module without it was not read whole.
  const isLost = value?.state === 'absent' && loadedModules.state === 'known' && loadedModules.value.has('vfio_pci')
  const answer = isSwitchedOn(machine, DISABLE)
  return answer === 'yes' && isLost ? 'unknown' : answer
}

/**
 * Whether vfio-pci refuses to bind a function because its kind is on the list of devices with known errata: -EINVAL,
 * before anything else is asked.
 * Source: K: drivers/vfio/pci/vfio_pci.c, `vfio_pci_dev_in_denylist`, `vfio_pci_is_denylisted`, of 5.9 to 7.2.
 */
export function isDenylisted(context: KernelContext, fn: PciFunction): Answer {
  const ids = idsOf(fn)
  if (typeof ids === 'string') return 'unknown'
  if (ids.vendor !== INTEL) return 'no'
  const listed = isListed(context.release, ids.device)
  if (listed === 'no') return 'no'
  switch (isDisabled(context)) {
    case 'yes':
      return 'no'
    case 'no':
      return listed
    case 'unknown':
      return 'unknown'
  }
}
