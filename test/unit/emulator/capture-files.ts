import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { unpackTar } from 'modern-tar'

const CAPTURES = new URL('../../../../shared/captures/', import.meta.url)

/** Whether the capture is at hand; tests that compare with one say so when it is not. */
export function hasCapture(name: string): boolean {
  return existsSync(new URL(`${name}.tar.gz`, CAPTURES))
}

/** Files (text, one byte a character) and links (`-> target`) of a captured machine's tree. */
export async function captureFiles(name: string): Promise<ReadonlyMap<string, string>> {
  const entries = await unpackTar(gunzipSync(readFileSync(new URL(`${name}.tar.gz`, CAPTURES))))
  const files = new Map<string, string>()
  for (const { header, data } of entries) {
    const path = header.name.replace(/^\.?\/?(?:[^/]+\/)?sysroot\//, '').replace(/\/$/, '')
    if (header.type === 'symlink') files.set(path, `-> ${header.linkname}`)
    else if (header.type === 'file') files.set(path, Buffer.from(data ?? []).toString('latin1'))
  }
  return files
}
