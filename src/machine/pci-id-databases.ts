const DIRECTORIES = ['usr/share/misc', 'usr/share/hwdata', 'usr/share', 'var/lib/pciutils']

/**
 * Where distributions keep the list of PCI ids that lspci takes its names from: Debian, Fedora and SUSE, Slackware, and
 * what `update-pciids` fetches; the first that is there is taken. They hold names that everybody has, and are no evidence
 * of this machine.
 */
export const PCI_ID_DATABASES: readonly string[] = DIRECTORIES.flatMap((directory) => [
  `${directory}/pci.ids`,
  `${directory}/pci.ids.gz`,
])
