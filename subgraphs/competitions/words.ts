/** Longer words are cut: an entry of the index has a limit. */
const WORD_LENGTH = 64 // characters

/**
 * The words of a text, as they are searched: without case, accents and punctuation, each once. "10k: Été!" is 10k, ete.
 */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '')
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? []
  return [...new Set(words.map((word) => [...word].slice(0, WORD_LENGTH).join('')))]
}

/** A tsquery for texts with all of these words, or with words that begin with them; empty where there are none. */
export function queryOf(search: string): string {
  return wordsOf(search)
    .map((word) => `'${word}':*`)
    .join(' & ')
}
