/** What tells how the service is made, where it is, or what went wrong inside. */
const inside = [
  /\b(select|insert into|update|delete from)\b.{1,80}\b(from|values|set|where)\b/i,
  /\b(drizzle|graphile|ioredis|argon2|node_modules)\b/i,
  /\b(pg_|ECONN|ENOTFOUND|EPIPE|ETIMEDOUT|WRONGTYPE|NOSCRIPT)/,
  /(violates|duplicate key|syntax error at or near|relation "|column "|invalid input syntax)/i,
  /\bat (async )?[\w.<>]+ \(?(file:|\/)/,
  /\.ts:\d+/,
  /\b(postgres|redis|podium):\/\//i,
  /Cannot read propert|is not a function|is not iterable|undefined \(/,
]

/** What a text has that nobody may be told, or this caller may not; undefined when there is nothing. */
export function leakIn(text: string, secrets: readonly string[]): string | undefined {
  const found = inside.find((pattern) => pattern.test(text))
  if (found) return `${found.exec(text)?.[0]} (${found})`
  return secrets.find((secret) => text.includes(secret))
}
