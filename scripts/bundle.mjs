// What the bundles of npm and the single executables have in common.

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

/** Most machines have nothing compressed: zlib, which brings streams along, is loaded when a name of it is used. */
const lateZlib = {
  name: 'late-zlib',
  setup(build) {
    build.onResolve({ filter: /^node:zlib$/ }, ({ namespace }) =>
      namespace === 'late-zlib' ? { path: 'node:zlib', external: true } : { path: 'zlib', namespace: 'late-zlib' },
    )
    build.onLoad({ filter: /.*/, namespace: 'late-zlib' }, () => ({
      contents: `
        const late = (name) => (...words) => require('node:zlib')[name](...words)
        export const [createGunzip, gunzipSync, gzipSync] = ['createGunzip', 'gunzipSync', 'gzipSync'].map(late)
        export default new Proxy({}, { get: (_, name) => require('node:zlib')[name] })`,
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
  plugins: [knownColorLevel, lateZlib],
}
