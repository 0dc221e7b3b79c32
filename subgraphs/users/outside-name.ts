import { isNameable } from '../../platform/text.ts'

/** Longest display name, in characters. */
const LENGTH = 50

/**
 * A display name, by the rules that hold for one, for somebody whom an issuer calls `name`; of one that has nothing to see
 * it is what stands before the @ of the address.
 */
export function displayNameFrom(name: string | null | undefined, email: string): string {
  const cleaned = clean(name ?? '')
  return isNameable(cleaned) ? cleaned : clean(email.slice(0, email.lastIndexOf('@')))
}

function clean(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\s\u2028-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()
  return [...line].slice(0, LENGTH).join('').trim()
}
