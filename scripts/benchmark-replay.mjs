// The floor of a probe: does the reads that are listed in a file, with one buffer, and nothing else.
// Usage: node scripts/benchmark-replay.mjs LIST
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'

const buffer = new Uint8Array(64 * 1024)
const READS = {
  file(path) {
    const descriptor = openSync(path)
    while (readSync(descriptor, buffer, 0, buffer.length, null) > 0);
    closeSync(descriptor)
  },
  list: (path) => readdirSync(path),
  link: (path) => readlinkSync(path),
}

for (const line of readFileSync(process.argv[2], 'utf8').split('\n')) {
  const [kind, path] = line.split(' ')
  try {
    READS[kind]?.(path)
  } catch {
    // What is not there was looked for too.
  }
}
