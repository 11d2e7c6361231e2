import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/**
 * Compiles the sysroot sources into `directory`, so that a child process, with its own memory limit or user, can import
 * them as `DIRECTORY/out/NAME.js`. Only files that these reach are compiled.
 */
export function compileSysroot(directory: string): string {
  const source = resolve('src')
  const out = join(directory, 'out')
  mkdirSync(out)
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
  const configuration = {
    extends: resolve('tsconfig.json'),
    compilerOptions: {
      rootDir: source,
      outDir: out,
      declaration: false,
      emitDeclarationOnly: false,
      skipLibCheck: true,
      typeRoots: [resolve('node_modules/@types')],
    },
    include: [],
    files: ['bundle-sysroot.ts', 'bundle-file.ts', 'directory-sysroot.ts'].map((name) => join(source, 'sysroot', name)),
  }
  const file = join(directory, 'tsconfig.json')
  writeFileSync(file, JSON.stringify(configuration))
  execFileSync(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', file], { stdio: 'pipe' })
  return join(out, 'sysroot')
}
