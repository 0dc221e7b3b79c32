/** A number in [0, 1) that depends on its arguments alone: the same seed and keys give the same demo (FNV-1a, mixed). */
export function random(seed: number, ...keys: (string | number)[]): number {
  let hash = 2_166_136_261 ^ seed
  for (const char of keys.join('|')) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619)
  hash = Math.imul(hash ^ (hash >>> 16), 2_246_822_507)
  hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_909)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
