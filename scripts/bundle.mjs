// What the bundles of npm and the single executables have in common.

/** Scripts of quick commands, each made of `src/start-NAME.ts`. */
export const QUICK_SCRIPTS = ['often', 'seldom']

/** chalk is always told its level here; what it would find out loads two modules of Node.js at every start. */
const knownColorLevel = {
  name: 'known-color-level',
  setup(build) {
    build.onResolve({ filter: /^#supports-color$/ }, () => ({ path: 'supports-color', namespace: 'known-color-level' }))
    build.onLoad({ filter: /.*/, namespace: 'known-color-level' }, () => ({
      contents: 'export default { stdout: false, stderr: false }',
    }))
  },
}

/** Modules of Node.js that most runs need nothing of, and what is used of them: zlib, net and tty bring streams along. */
const LATE = {
  tty: ['isatty'],
  zlib: ['createGunzip', 'gunzipSync', 'gzipSync'],
}

/** Loads the modules above when a function of theirs is called. */
const lateModules = {
  name: 'late-modules',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^node:(?:${Object.keys(LATE).join('|')})$`) }, ({ path, namespace }) =>
      namespace === 'late-module'
        ? { path, external: true }
        : { path: path.slice('node:'.length), namespace: 'late-module' },
    )
    build.onLoad({ filter: /.*/, namespace: 'late-module' }, ({ path }) => ({
      contents: `
        const late = (name) => (...words) => require('node:${path}')[name](...words)
        export const [${LATE[path].join(', ')}] = ${JSON.stringify(LATE[path])}.map(late)
        export default new Proxy({}, { get: (_, name) => require('node:${path}')[name] })`,
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
  plugins: [knownColorLevel, lateModules],
}
