import type { TracedSysroot } from '../sysroot/trace.js'

/** Directories in which collectors put what programs printed; the first is the top of the tree. */
const TEXT_DIRECTORIES: readonly string[] = ['', 'sos_commands/pci', 'sos_commands/kernel', 'sos_commands/hardware']
/** Names of such files: sosreport's, hwloc-gather-topology's and what people call them. */
const TEXT_FILES = /^(?:lspci|dmesg|journalctl|acpidump|uname|iommu)[\w.-]{0,80}$/
const MOST_TEXTS = 64

const isThere = (sysroot: TracedSysroot, path: string) => sysroot.list(path).state === 'known'
const isMachine = (sysroot: TracedSysroot, path: string) =>
  isThere(sysroot, `${path}sys`) || isThere(sysroot, `${path}proc`)

/**
 * Where the tree of a machine begins inside of what was opened: at its top (the empty string), below `sysroot`, or below
 * the one directory that there is. Undefined where there is none.
 */
export function machineRoot(sysroot: TracedSysroot): string | undefined {
  // A recording may have been asked for what is in a directory and never for its names.
  if (['sys', 'proc'].some((name) => sysroot.list(name).state !== 'absent')) return ''
  if (isMachine(sysroot, 'sysroot/')) return 'sysroot'
  const names = sysroot.list('')
  const directories = (names.state === 'known' ? names.value : []).filter((name) => isThere(sysroot, name))
  const [only, ...others] = directories
  if (only === undefined || others.length > 0) return undefined
  if (isMachine(sysroot, `${only}/sysroot/`)) return `${only}/sysroot`
  return isMachine(sysroot, `${only}/`) ? only : undefined
}

/** Texts that were kept beside the tree of a machine. */
export function textsBeside(sysroot: TracedSysroot): readonly { readonly path: string; readonly bytes: Uint8Array }[] {
  const texts: { path: string; bytes: Uint8Array }[] = []
  for (const directory of TEXT_DIRECTORIES) {
    const names = sysroot.list(directory)
    for (const name of names.state === 'known' ? names.value : []) {
      if (!TEXT_FILES.test(name) || texts.length >= MOST_TEXTS) continue
      const path = directory === '' ? name : `${directory}/${name}`
      const content = sysroot.bytes(path)
      if (content.state === 'known') texts.push({ path, bytes: content.value })
    }
  }
  return texts
}
