import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE, cached } from './cache.js'
import { run } from './programs.js'

/** What guests are: Debian's names. */
export type Architecture = 'arm64' | 'amd64'
export type Suite = 'bullseye' | 'bookworm' | 'bookworm-backports' | 'trixie' | 'trixie-backports' | 'sid'

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** The mirror that apt of this machine uses; it may be one of a certain day. */
function mirror(): string {
  const targets = run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages']).split('\n')
  const found = targets.find((uri) => /\/debian(?:\/\d{8}T\d{6}Z)?\/?$/.test(uri))
  if (found === undefined) throw new Error('apt of this machine has no Debian mirror (apt-get indextargets)')
  return found
}

/**
 * One suite of Debian for one architecture, through apt but without a trace in this machine's own: packages are downloaded
 * and unpacked, never installed.
 */
export class Archive {
  readonly architecture: Architecture
  readonly suite: Suite
  private readonly options: readonly string[]
  private readonly directory: string

  /** Fetches the suite's list of packages. */
  constructor(architecture: Architecture, suite: Suite) {
    this.architecture = architecture
    this.suite = suite
    this.directory = `apt/${architecture}-${suite}`
    const at = join(CACHE, this.directory)
    this.options = [
      '-q',
      `-oDir::State::Lists=${at}/lists`,
      `-oDir::Etc::SourceList=${at}/sources.list`,
      '-oDir::Etc::SourceParts=/dev/null',
      `-oDir::Cache=${at}/cache`,
      '-oDir::State::status=/dev/null',
      `-oAPT::Architecture=${architecture}`,
      `-oAPT::Architectures=${architecture}`,
      '-oAPT::Sandbox::User=root',
      '-oAPT::Install-Recommends=false',
      '-oAcquire::Languages=none',
      // Else an update without network is none, and ends well.
      '-oAPT::Update::Error-Mode=any',
      // A mirror that stands still serves lists that call themselves expired. They are as signed as before.
      '-oAcquire::Check-Valid-Until=false',
    ]
    cached(`${this.directory}/updated`, (done) => {
      for (const folder of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(at, folder), { recursive: true })
      writeFileSync(join(at, 'sources.list'), `deb [signed-by=${KEYRING}] ${mirror()} ${suite} main\n`)
      run('apt-get', [...this.options, 'update'])
      writeFileSync(done, '')
    })
  }

  /** Names of packages that start so. */
  names(prefix: string): readonly string[] {
    return run('apt-cache', [...this.options, 'pkgnames', prefix])
      .split('\n')
      .filter(Boolean)
  }

  /** The packages unpacked over each other in one directory of the cache. */
  unpacked(name: string, packages: readonly string[]): string {
    return this.tree(name, (debs) => run('apt-get', [...this.options, 'download', ...packages], debs))
  }

  /** The same with everything that they depend on. */
  unpackedWithDependencies(name: string, packages: readonly string[]): string {
    return this.tree(name, (debs) =>
      run('apt-get', [
        ...this.options,
        `-oDir::Cache::Archives=${debs}`,
        '-y',
        '--download-only',
        'install',
        ...packages,
      ]),
    )
  }

  private tree(name: string, download: (directory: string) => void): string {
    return cached(`${this.architecture}/${name}`, (tree) => {
      const debs = join(CACHE, this.directory, 'debs', name)
      mkdirSync(join(debs, 'partial'), { recursive: true })
      download(debs)
      mkdirSync(tree)
      for (const file of readdirSync(debs).filter((at) => at.endsWith('.deb')))
        run('dpkg-deb', ['-x', join(debs, file), tree])
      rmSync(debs, { recursive: true })
    })
  }
}
