import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import { CAPTURES } from '../../support/outside.js'

/** Whether the capture is at hand; tests that compare with one say so when it is not. */
export function hasCapture(name: string): boolean {
  return existsSync(`${CAPTURES}/${name}.tar.gz`)
}

/** Files (text, one byte a character) and links (`-> target`) of a captured machine's tree. */
export async function captureFiles(name: string): Promise<ReadonlyMap<string, string>> {
  const entries = await unpackTar(gunzipSync(readFileSync(`${CAPTURES}/${name}.tar.gz`)))
  const files = new Map<string, string>()
  for (const { header, data } of entries) {
    const path = header.name.replace(/^\.?\/?(?:[^/]+\/)?sysroot\//, '').replace(/\/$/, '')
    if (header.type === 'symlink') files.set(path, `-> ${header.linkname}`)
    else if (header.type === 'file') files.set(path, Buffer.from(data ?? []).toString('latin1'))
  }
  return files
}
