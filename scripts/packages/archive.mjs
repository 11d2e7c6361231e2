import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { EPOCH, install, installFiles, settle } from './installed-files.mjs'

/**
 * A `.tar.xz` of one folder that may be unpacked into /usr/local (`tar -xJ --strip-components=1 -C /usr/local`).
 * @returns {string} its name
 */
export function archive({ root, output, executable, architecture, version, licenses, license, level }) {
  const name = `intremap-${version}-linux-${architecture}`
  const prefix = `${output}/${name}`
  installFiles({ root, prefix, executable, system: 'other' })
  install(`${prefix}/share/doc/intremap/LICENSE`, license)
  install(`${prefix}/share/doc/intremap/LICENSES.txt`, licenses)
  settle(prefix)
  const same = ['--sort=name', `--mtime=@${EPOCH}`, '--owner=0', '--group=0', '--numeric-owner', '--format=gnu']
  // One thread: with several the bytes depend on their number.
  execFileSync('tar', [...same, '-I', `xz -${level} -T1`, '-cf', `${name}.tar.xz`, name], {
    cwd: output,
    stdio: 'inherit',
  })
  rmSync(prefix, { recursive: true })
  return `${name}.tar.xz`
}
