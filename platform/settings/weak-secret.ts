/** What secrets are made of by whoever means to change them later, and how those of `npm start` begin. */
const words =
  /development|password|passwort|changeme|change-me|change_me|replace|secret|default|example|placeholder|insecure|podium|(?:^|[-_])your[-_]/i

/** Fewest different characters: of 32 random hexadecimal digits, which have the least, one in millions has fewer. */
const DIFFERENT = 8

/** Why a secret is one that others guess, or know already; null: nothing tells that it is. */
export function weaknessOf(secret: string): string | null {
  const [word] = words.exec(secret) ?? []
  if (word) return `has ${JSON.stringify(word.toLowerCase())} in it, as nothing random has`
  if (new Set(secret).size < DIFFERENT || isMostlyOne(secret)) return 'repeats itself'
  if (isRepeated(secret)) return 'repeats itself'
  if (isCounted(secret)) return 'is counted out'
  return null
}

function isMostlyOne(secret: string): boolean {
  const counts = new Map<string, number>()
  for (const character of secret) counts.set(character, (counts.get(character) ?? 0) + 1)
  return Math.max(...counts.values()) > secret.length / 2
}

/** Whether it is one piece over and over. */
function isRepeated(secret: string): boolean {
  // A text is found within its double before its end only if it is made of pieces.
  return (secret + secret).indexOf(secret, 1) < secret.length
}

/** Whether most of its characters follow one another, as in 0123456789abcdef. */
function isCounted(secret: string): boolean {
  const codes = Array.from(secret, (character) => character.charCodeAt(0))
  const steps = codes.slice(1).filter((code, index) => Math.abs(code - (codes[index] ?? 0)) === 1)
  return steps.length > secret.length / 2
}
