import { buildSync } from 'esbuild'
import { join, resolve } from 'node:path'

/**
 * Compiles the sysroot sources into `directory`, so that a child process, with its own memory limit or user, can import
 * them as `DIRECTORY/out/NAME.mjs`.
 *
 * @returns `DIRECTORY/out`
 */
export function compileSysroot(directory: string): string {
  const out = join(directory, 'out')
  buildSync({
    entryPoints: ['bundle-sysroot', 'bundle-file', 'directory-sysroot'].map((name) =>
      resolve(`src/sysroot/${name}.ts`),
    ),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.20',
  })
  return out
}
