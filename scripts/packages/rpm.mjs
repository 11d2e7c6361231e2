import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { EPOCH, filesBelow, install, installFiles, settle } from './installed-files.mjs'
import { DESCRIPTION, SYNOPSIS } from './texts.mjs'

/** What is not of rpmbuild's own: the files are ready, of one moment, and for another architecture perhaps. */
const MACROS = {
  _buildhost: 'localhost',
  _build_id_links: 'none',
  _build_name_fmt: '%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm',
  __os_install_post: '%{nil}',
  debug_package: '%{nil}',
  source_date_epoch_from_changelog: '0',
  use_source_date_epoch_as_buildtime: '1',
  clamp_mtime_to_source_date_epoch: '1',
}

const SPEC = (version, tree, files) => `Name: intremap
Version: ${version}
Release: 1
Summary: ${SYNOPSIS[0].toUpperCase()}${SYNOPSIS.slice(1)}
License: Apache-2.0
Group: System/Base
${process.env.PACKAGER === undefined ? '' : `Packager: ${process.env.PACKAGER}\n`}
%description
${DESCRIPTION.join('\n')}

%install
cp -a ${tree}/. %{buildroot}/

%files
${files.join('\n')}
`

function fileLine(file) {
  const path = `/${file}`
  if (path.startsWith('/usr/share/licenses/')) return `%license ${path}`
  return path.startsWith('/usr/share/doc/') ? `%doc ${path}` : path
}

/** @returns {string} name of the `.rpm` */
export function rpmPackage({ root, output, executable, rpmArchitecture, version, licenses, license, level }) {
  const tree = `${output}/rpm`
  installFiles({ root, prefix: `${tree}/usr`, executable, system: 'other' })
  install(`${tree}/usr/share/licenses/intremap/LICENSE`, license)
  install(`${tree}/usr/share/licenses/intremap/LICENSES.txt`, licenses)
  settle(tree)
  const own = ['/usr/share/intremap', '/usr/share/doc/intremap', '/usr/share/licenses/intremap']
  const directories = [...own, '/usr/share/doc/intremap/docs', '/usr/share/doc/intremap/docs/rules']
  writeFileSync(
    `${output}/intremap.spec`,
    SPEC(version, tree, [...directories.map((path) => `%dir ${path}`), ...filesBelow(tree).map(fileLine)]),
  )
  // Readers of RHEL 8 know xz.
  const macros = { ...MACROS, _topdir: `${output}/rpmbuild`, _rpmdir: output, _binary_payload: `w${level}.xzdio` }
  const words = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`])
  execFileSync(
    'rpmbuild',
    [...words, '--target', `${rpmArchitecture}-linux`, '--quiet', '-bb', `${output}/intremap.spec`],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, SOURCE_DATE_EPOCH: String(EPOCH) },
    },
  )
  for (const leftover of ['rpm', 'rpmbuild', 'intremap.spec']) rmSync(`${output}/${leftover}`, { recursive: true })
  return `intremap-${version}-1.${rpmArchitecture}.rpm`
}
