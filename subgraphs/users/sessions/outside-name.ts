import { isNameable } from '../../../platform/text.ts'

/** Longest display name, in characters. */
const LENGTH = 50

/** What somebody is called until they say: nothing of their address, which nobody else is to see. */
const NAMELESS = 'New member'

/**
 * A display name, by the rules that hold for one, for somebody whom an issuer calls `name`, which may have nothing to see.
 */
export function displayNameFrom(name: string | null | undefined): string {
  const cleaned = clean(name ?? '')
  return isNameable(cleaned) ? cleaned : NAMELESS
}

function clean(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\s\u2028-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()
  return [...line].slice(0, LENGTH).join('').trim()
}
