import { createRequire } from 'node:module'

const manifest: unknown = createRequire(import.meta.url)('../../package.json')

/** Version of the package that this file belongs to. */
export const TOOL_VERSION: string =
  typeof manifest === 'object' && manifest !== null && 'version' in manifest && typeof manifest.version === 'string'
    ? manifest.version
    : 'unknown'
