/** Brings the clock to 16 digits for decades of uptime, so that all frames of a board are of one length. */
const OFFSET = 1e15 // µs

/**
 * The time in µs, a whole number of 16 digits, by the clock that all processes of a machine share; the origin of
 * performance.now() is each process's own, and off by as long as it had to wait for a core when it read it.
 */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return OFFSET + seconds * 1e6 + Math.floor(nanoseconds / 1_000)
}
