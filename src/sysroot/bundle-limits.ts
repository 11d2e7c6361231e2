import { FILE_LIMIT } from './regular-file.js'

/** What is taken of an archive at most. Whole machines of 10,000 functions stay far below. */
export interface BundleLimits {
  /** Bytes of the file that is opened, compressed or not. */
  readonly archiveBytes: number
  /** Bytes that decompressing may yield: more is a decompression bomb. */
  readonly unpackedBytes: number
  /** Bytes of content that are kept in memory. */
  readonly keptBytes: number
  /** Bytes of one file; a larger one is unreadable, `too-large`, as it would be on a host. */
  readonly fileBytes: number
  readonly entries: number
  readonly pathBytes: number
  readonly pathDepth: number
}

export const BUNDLE_LIMITS: BundleLimits = {
  archiveBytes: 512 * 1024 * 1024,
  unpackedBytes: 512 * 1024 * 1024,
  keptBytes: 128 * 1024 * 1024,
  fileBytes: FILE_LIMIT,
  entries: 200_000,
  pathBytes: 1024,
  pathDepth: 64,
}
