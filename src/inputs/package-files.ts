import { readdirSync, readFileSync } from 'node:fs'
import { getAsset, isSea } from 'node:sea'

/** In the executable: names of all files that it carries, a line each. */
const LIST = 'files.txt'

/** The package; the same place from src/ and from dist/. Not known in the executable, which is one file. */
const inPackage = (path: string) => new URL(`../../${path}`, import.meta.url)

/** A file of the installed package, or of the executable. Throws the system's error where it is missing. */
export function readPackageFile(path: string): Uint8Array {
  return isSea() ? new Uint8Array(getAsset(path)) : readFileSync(inPackage(path))
}

/** Names of the files of a directory of the package; none where it is missing. */
export function listPackageFiles(directory: string): readonly string[] {
  if (!isSea()) {
    try {
      return readdirSync(inPackage(directory))
    } catch {
      return []
    }
  }
  const names = new TextDecoder().decode(getAsset(LIST)).split('\n')
  return names.filter((name) => name.startsWith(`${directory}/`)).map((name) => name.slice(directory.length + 1))
}

/** A JSON file of the package. Throws for what is none. */
export function readPackageJson(path: string): unknown {
  return JSON.parse(new TextDecoder().decode(readPackageFile(path)))
}
