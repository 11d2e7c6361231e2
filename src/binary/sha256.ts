const BLOCK = 64
/** Where the length of the message starts in its last block. */
const LENGTH_AT = 56

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
const ROUND_CONSTANTS = Uint32Array.of(
  0x428a2f98,
  0x71374491,
  0xb5c0fbcf,
  0xe9b5dba5,
  0x3956c25b,
  0x59f111f1,
  0x923f82a4,
  0xab1c5ed5,
  0xd807aa98,
  0x12835b01,
  0x243185be,
  0x550c7dc3,
  0x72be5d74,
  0x80deb1fe,
  0x9bdc06a7,
  0xc19bf174,
  0xe49b69c1,
  0xefbe4786,
  0x0fc19dc6,
  0x240ca1cc,
  0x2de92c6f,
  0x4a7484aa,
  0x5cb0a9dc,
  0x76f988da,
  0x983e5152,
  0xa831c66d,
  0xb00327c8,
  0xbf597fc7,
  0xc6e00bf3,
  0xd5a79147,
  0x06ca6351,
  0x14292967,
  0x27b70a85,
  0x2e1b2138,
  0x4d2c6dfc,
  0x53380d13,
  0x650a7354,
  0x766a0abb,
  0x81c2c92e,
  0x92722c85,
  0xa2bfe8a1,
  0xa81a664b,
  0xc24b8b70,
  0xc76c51a3,
  0xd192e819,
  0xd6990624,
  0xf40e3585,
  0x106aa070,
  0x19a4c116,
  0x1e376c08,
  0x2748774c,
  0x34b0bcb5,
  0x391c0cb3,
  0x4ed8aa4a,
  0x5b9cca4f,
  0x682e6ff3,
  0x748f82ee,
  0x78a5636f,
  0x84c87814,
  0x8cc70208,
  0x90befffa,
  0xa4506ceb,
  0xbef9a3f7,
  0xc67178f2,
)

/** The same of the square roots of the first eight primes (5.3.3). */
const INITIAL_HASH = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
] as const

/** ROTR(word, bits); the result is a signed word. */
const rotated = (word: number, bits: number) => (word >>> bits) | (word << (32 - bits))

/**
 * SHA-256 of bytes that come piece by piece (FIPS 180-4). For the few kilobytes that are hashed here: Node.js has it in a
 * module whose loading takes longer than that.
 */
export class Sha256 {
  private readonly hash = Uint32Array.from(INITIAL_HASH)
  private readonly schedule = new Int32Array(64)
  private readonly block = new Uint8Array(BLOCK)
  private readonly words = new DataView(this.block.buffer)
  private filled = 0
  private length = 0

  /** Appends bytes to the message. */
  add(bytes: Uint8Array): void {
    this.length += bytes.length
    // Most pieces are names and numbers of a few bytes.
    for (let at = 0; at < bytes.length; at += 1) {
      this.block[this.filled] = bytes[at] ?? 0
      this.filled += 1
      if (this.filled === BLOCK) this.takeBlock()
    }
  }

  /** The hash in hexadecimal. Ends the message: nothing may be added afterwards. */
  digest(): string {
    const bits = this.length * 8
    this.block[this.filled] = 0x80
    this.block.fill(0, this.filled + 1)
    if (this.filled >= LENGTH_AT) {
      this.takeBlock()
      this.block.fill(0)
    }
    this.words.setUint32(LENGTH_AT, Math.floor(bits / 2 ** 32))
    this.words.setUint32(LENGTH_AT + 4, bits % 2 ** 32)
    this.takeBlock()
    return Array.from(this.hash, (word) => word.toString(16).padStart(8, '0')).join('')
  }

  /** 6.2.2, with the variables of the standard. */
  private takeBlock(): void {
    const { schedule: w, hash } = this
    for (let t = 0; t < 16; t += 1) w[t] = this.words.getInt32(4 * t)
    for (let t = 16; t < 64; t += 1) {
      const [early, late] = [w[t - 15] ?? 0, w[t - 2] ?? 0]
      const sigma0 = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3)
      const sigma1 = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10)
      w[t] = sigma1 + (w[t - 7] ?? 0) + sigma0 + (w[t - 16] ?? 0)
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash
    for (let t = 0; t < 64; t += 1) {
      const sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
      const one = (h + sum1 + ((e & f) ^ (~e & g)) + (ROUND_CONSTANTS[t] ?? 0) + (w[t] ?? 0)) | 0
      const sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
      const two = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + one) | 0
      d = c
      c = b
      b = a
      a = (one + two) | 0
    }
    for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) hash[index] = (hash[index] ?? 0) + word
    this.filled = 0
  }
}
