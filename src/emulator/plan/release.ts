/** Major and minor number of a release (`6.12.95+deb12-arm64` → 6.12); 0.0 where the text has none. */
function releaseNumbers(release: string): readonly [number, number] {
  const match = /^(\d+)\.(\d+)/.exec(release)
  return [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)]
}

/** True when `release` is `major.minor` or newer. */
export function atLeast(release: string, major: number, minor: number): boolean {
  const [ownMajor, ownMinor] = releaseNumbers(release)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}
