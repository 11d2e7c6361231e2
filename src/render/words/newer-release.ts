/**
 * A sentence where the kernel is newer than what is known of kernels, so that its answers are those of the newest known;
 * undefined where they are its own.
 */
export function newerReleaseWords(release: string, gateRelease: string): string | undefined {
  if (gateRelease === release || gateRelease === 'unknown') return undefined
  const short = /^\d+(?:\.\d+)*/.exec(release)?.[0] ?? release
  return `Linux ${short} is newer than ${gateRelease}, the newest release known here: its answers are predicted by the rules of ${gateRelease}.`
}
