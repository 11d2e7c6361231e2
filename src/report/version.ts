/** Version of the package, as in package.json. Written here so that no start has to read a file for it. */
export const TOOL_VERSION = '0.1.0'
