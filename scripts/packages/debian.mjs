import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { compressed, EPOCH, filesBelow, install, installFiles, settle } from './installed-files.mjs'
import { DESCRIPTION, SYNOPSIS } from './texts.mjs'

/** Who made the package; there is no address of the project to write there. */
const PACKAGER = process.env.PACKAGER ?? 'intremap maintainers <intremap@localhost>'

const CONTROL = (version, architecture, kilobytes) => `Package: intremap
Version: ${version}
Section: admin
Priority: optional
Architecture: ${architecture}
Depends: libc6 (>= 2.28), libgcc-s1 (>= 3.4), libstdc++6 (>= 7)
Installed-Size: ${kilobytes}
Maintainer: ${PACKAGER}
Description: ${SYNOPSIS}
${DESCRIPTION.map((line) => ` ${line}\n`).join('')}`

const CHANGELOG = (version) => `intremap (${version}) unstable; urgency=medium

  * What changed is told in CHANGELOG.md beside this file.

 -- ${PACKAGER}  ${new Date(EPOCH * 1000).toUTCString().replace('GMT', '+0000')}
`

/** What lintian finds and is as it has to be, each with the reason. */
const OVERRIDES = `# Node.js, which is in the executable, is built with its own zlib, and not as a position-independent executable.
intremap: embedded-library *zlib*
intremap: hardening-no-pie *
# Licences of packages that are in the executable, word for word.
intremap: copyright-file-contains-full-apache-2-license
intremap: old-fsf-address-in-copyright-file
`

const COPYRIGHT = (licenses) => `intremap is under the Apache License, Version 2.0. On Debian systems its text is
/usr/share/common-licenses/Apache-2.0. Copyright: the authors of intremap.

${licenses}`

/** @returns {string} name of the `.deb` */
export function debianPackage({ root, output, executable, debianArchitecture, version, licenses, level }) {
  const tree = `${output}/deb`
  installFiles({ root, prefix: `${tree}/usr`, executable, system: 'debian' })
  const documentation = `${tree}/usr/share/doc/intremap`
  install(`${documentation}/copyright`, COPYRIGHT(licenses))
  install(`${documentation}/changelog.gz`, compressed(CHANGELOG(version)))
  install(`${tree}/usr/share/lintian/overrides/intremap`, OVERRIDES)
  const files = filesBelow(tree)
  const kilobytes = files.reduce((sum, file) => sum + Math.ceil(statSync(`${tree}/${file}`).size / 1024), 0)
  const sums = files.map(
    (file) =>
      `${createHash('md5')
        .update(readFileSync(`${tree}/${file}`))
        .digest('hex')}  ${file}\n`,
  )
  install(`${tree}/DEBIAN/control`, CONTROL(version, debianArchitecture, kilobytes))
  install(`${tree}/DEBIAN/md5sums`, sums.join(''))
  settle(tree)
  const file = `intremap_${version}_${debianArchitecture}.deb`
  execFileSync(
    'dpkg-deb',
    ['-Zxz', `-z${level}`, '--threads-max=1', '--root-owner-group', '--build', tree, `${output}/${file}`],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, SOURCE_DATE_EPOCH: String(EPOCH) },
    },
  )
  rmSync(tree, { recursive: true })
  return file
}
