const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of the path is no directory',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is read-only',
  EIO: 'the device gave an error',
  ESTALE: 'the server of its file system has it no longer',
  ELOOP: 'symbolic links lead in a circle',
}

/** The code of a system error, such as `ENOENT`; undefined for what is none. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** What a system error means, for people; its code where that has no words here. */
export function systemErrorWords(error: unknown): string {
  const code = systemErrorCode(error) ?? 'unknown error'
  return WORDS[code] ?? code
}
