// @ts-check
// The noise of og.descend: normal numbers as torch draws them one by one, or fewer than 16 at a time.

/** The Mersenne Twister MT19937 of Matsumoto and Nishimura (1998), seeded by their init_genrand with the last 32 bits of
 * the seed. Two of its numbers, the first above the second, give 53 bits of a uniform number; two uniform numbers give
 * two normal ones (Box and Muller, 1958), first that of the cosine. */
export class Normals {
  constructor(/** @type {number} */ seed) {
    const state = new Uint32Array(624);
    state[0] = seed;
    for (let i = 1; i < 624; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    this.state = state;
    this.used = 624;
    /** @type {number | null} */
    this.kept = null; // the normal number of the sine, until it is asked for
  }

  /** 32 random bits. */
  bits() {
    const { state } = this;
    if (this.used === 624) {
      for (let i = 0; i < 624; i++) {
        const both = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7fffffff);
        state[i] = state[(i + 397) % 624] ^ (both >>> 1) ^ (both & 1 ? 0x9908b0df : 0);
      }
      this.used = 0;
    }
    let y = state[this.used++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** A uniform number in [0, 1). */
  uniform() {
    const high = this.bits() & 0x1fffff;
    return (high * 2 ** 32 + this.bits()) / 2 ** 53;
  }

  /** A normal number. */
  next() {
    const { kept } = this;
    this.kept = null;
    if (kept !== null) return kept;
    const angle = 2 * Math.PI * this.uniform();
    const radius = Math.sqrt(-2 * Math.log1p(-this.uniform()));
    this.kept = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}
