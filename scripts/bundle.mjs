// What the bundles of npm and the single executables have in common.
import { fileURLToPath } from 'node:url'

/** A package of a hundred files that few runs need: a script of its own, which the others ask for by its name. */
export const LATE_PACKAGE = 'execa'

/** What bin/run.js tells the V8 of Node.js 20. */
const FLAGS_20 = [
  '--interrupt-budget=1000000',
  '--no-parallel-scavenge',
  '--regexp-tier-up-ticks=300',
  '--no-regexp-peephole-optimization',
]

/** What bin/run.js tells the V8 of this Node.js, soon after its start. */
export const PROGRAM_FLAGS = process.version.startsWith('v20.') ? FLAGS_20 : []

const pathOf = (specifier) => fileURLToPath(import.meta.resolve(specifier))

/** Scripts, of quick commands and of what they ask for, and what each is made of. */
export const QUICK_SCRIPTS = {
  often: pathOf('../src/start-often.ts'),
  seldom: pathOf('../src/start-seldom.ts'),
  [LATE_PACKAGE]: pathOf(LATE_PACKAGE),
}

/**
 * chalk is always told its level here; what it would find out loads two modules of Node.js at every start. It makes its
 * styles as it loads, which waits until something is styled.
 */
const quickChalk = {
  name: 'quick-chalk',
  setup(build) {
    build.onResolve({ filter: /^#supports-color$/ }, ({ path }) => ({ path, namespace: 'quick-chalk' }))
    build.onResolve({ filter: /^chalk$/ }, ({ path, namespace }) =>
      namespace === 'quick-chalk' ? undefined : { path, namespace: 'quick-chalk' },
    )
    build.onLoad({ filter: /^#/, namespace: 'quick-chalk' }, () => ({
      contents: 'export default { stdout: false, stderr: false }',
    }))
    build.onLoad({ filter: /^chalk$/, namespace: 'quick-chalk' }, () => ({
      contents: "export function Chalk(options) { return new (require('chalk').Chalk)(options) }",
      resolveDir: pathOf('..'),
    }))
  },
}

/** Modules that most runs need nothing of, and what is used of them: zlib and tty bring streams along. */
const LATE = {
  'node:tty': ['isatty'],
  'node:v8': ['serialize', 'setFlagsFromString'],
  'node:vm': ['runInNewContext'],
  'node:zlib': ['createGunzip', 'gunzipSync', 'gzipSync'],
  [LATE_PACKAGE]: ['execa', 'execaSync'],
}

/** Loads the modules above when a function of theirs is called. */
const lateModules = {
  name: 'late-modules',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(?:${Object.keys(LATE).join('|')})$`) }, ({ path, namespace, kind }) => {
      if (namespace === 'late-module') return { path, external: true }
      return kind === 'entry-point' ? undefined : { path, namespace: 'late-module' }
    })
    build.onLoad({ filter: /.*/, namespace: 'late-module' }, ({ path }) => ({
      contents: `
        const late = (name) => (...words) => require('${path}')[name](...words)
        export const [${LATE[path].join(', ')}] = ${JSON.stringify(LATE[path])}.map(late)
        export default new Proxy({}, { get: (_, name) => require('${path}')[name] })`,
    }))
  },
}

/** Options of esbuild for the program in one script: a function of a CommonJS module's names, as V8 caches it. */
export const ONE_SCRIPT = {
  // import.meta.url is of modules only.
  define: { 'import.meta.url': 'urlOfScript' },
  banner: {
    js: '(function (exports, require, module, __filename) { "use strict"; const urlOfScript = `file://${encodeURI(__filename).replace(/[?#]/g, encodeURIComponent)}`;',
  },
  footer: { js: '})' },
  bundle: true,
  format: 'cjs',
  platform: 'node',
  // oclif compiles commands that are not built yet; these are.
  external: ['typescript'],
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [quickChalk, lateModules],
}
