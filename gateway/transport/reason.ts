/** Why there was no answer, for the log. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // One that stands for several, as of all addresses of a host, has a code and no message.
  const reason = error.message || ('code' in error ? String(error.code) : error.name)
  return error.cause ? `${reason}: ${reasonOf(error.cause)}` : reason
}
