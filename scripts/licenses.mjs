import { readdirSync, readFileSync } from 'node:fs'

const PACKAGE = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//

/** Folders of the packages that the given files come from, sorted. */
function packagesOf(files) {
  return [...new Set(files.flatMap((file) => PACKAGE.exec(file)?.[0] ?? []))].sort((one, other) =>
    one < other ? -1 : 1,
  )
}

/**
 * Names, versions and licences, with their texts, of the packages whose code is in the program.
 * @param {readonly string[]} files that went into it, relative to the package
 * @returns {string} ends with a line end
 */
export function licensesOf(files) {
  const entries = packagesOf(files).map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'))
    if (typeof license !== 'string') throw new Error(`${name} ${version} names no licence`)
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
    const text =
      file === undefined ? 'The package holds no text of it.' : readFileSync(`${folder}${file}`, 'utf8').trim()
    return { title: `${name} ${version} (${license})`, text }
  })
  const list = entries.map(({ title }) => title).join('\n')
  const rule = '-'.repeat(80)
  const texts = entries.map(({ title, text }) => `${rule}\n${title}\n\n${text}\n`).join('\n')
  return `Code of these packages is part of this program:\n\n${list}\n\n${texts}`
}
