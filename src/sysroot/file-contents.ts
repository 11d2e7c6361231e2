/** Bytes that are asked for at once, and the most that a file gets of them: larger ones have buffers of their own. */
const SLAB_BYTES = 64 * 1024
const MOST_SHARED_BYTES = 4 * 1024

/**
 * Places for the contents of files, zeros until they are filled. Most files of a machine hold a few bytes, and a buffer for
 * each costs more than what it holds: they get parts of large ones.
 */
export class FileContents {
  private slab = new Uint8Array(0)
  private used = 0

  /** A place of `size` bytes, that of no other file. */
  place(size: number): Uint8Array {
    if (size > MOST_SHARED_BYTES) return new Uint8Array(size)
    if (size > this.slab.length - this.used) {
      this.slab = new Uint8Array(SLAB_BYTES)
      this.used = 0
    }
    const at = this.used
    this.used += size
    return new Uint8Array(this.slab.buffer, at, size)
  }
}
