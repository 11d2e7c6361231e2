/** A Linux release as `uname -r` prints it. */
export interface KernelRelease {
  readonly major: number
  readonly minor: number
  /** 0 where the text has only two numbers. */
  readonly patch: number
  /** The whole text: `6.12.95+deb12-arm64`. */
  readonly text: string
}

const RELEASE = /^(\d{1,4})\.(\d{1,4})(?:\.(\d{1,6})(?!\d)|(?![\w.]))/

/**
 * Reads a release string. Whatever follows the numbers is the builder's own (CONFIG_LOCALVERSION) and means nothing
 * here. Undefined when the text does not begin with two or three numbers or is not plain printable ASCII.
 * Source: K: Makefile, KERNELRELEASE = VERSION.PATCHLEVEL.SUBLEVEL EXTRAVERSION LOCALVERSION.
 */
export function parseRelease(text: string): KernelRelease | undefined {
  const trimmed = text.trim()
  const match = RELEASE.exec(trimmed)
  if (!match || /[^\x20-\x7e]/.test(trimmed)) return undefined
  const [, major = '', minor = '', patch = '0'] = match
  return {
    major: Number.parseInt(major, 10),
    minor: Number.parseInt(minor, 10),
    patch: Number.parseInt(patch, 10),
    text: trimmed,
  }
}

/** Whether `release` is MAJOR.MINOR (first release of that series, patch 0) or anything later. */
export function atLeast(release: KernelRelease, major: number, minor: number): boolean {
  return release.major > major || (release.major === major && release.minor >= minor)
}

/**
 * Kernels of enterprise distributions: they carry code of later releases under an old number, so that what a later one
 * does differently may be true of them already (a 4.18 with the IORT code of 5.8 was seen). RHEL and its like, openEuler,
 * Anolis, Alibaba Cloud Linux and Kylin say so in the release; SUSE's have two numbers or more between the kernel's and
 * the flavour (`5.14.21-150500.55.39-default`; Tumbleweed, which follows the kernel, has one).
 */
export function mayCarryLaterCode(release: KernelRelease): boolean {
  return /\.(?:el|oe|an|al|ky)\d|-\d+(?:\.\d+)+-[a-z\d]+$/.test(release.text)
}

/** The newest release whose decisions this folder knows: the newest row of each of its tables. */
export const NEWEST_RELEASE: KernelRelease = { major: 7, minor: 2, patch: 0, text: '7.2' }

/** The release whose decisions stand for those of `release`: itself, or the newest known where it is of a later series. */
export function releaseInRules(release: KernelRelease): KernelRelease {
  const { major, minor } = NEWEST_RELEASE
  return atLeast(release, major, minor + 1) ? NEWEST_RELEASE : release
}
