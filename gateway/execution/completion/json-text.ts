/** Up to here a loop in JavaScript is faster than JSON.stringify. */
const SHORT = 64 // UTF-16 code units

/** A string as it stands between the quotes of JSON. */
export function escaped(text: string): string {
  if (text.length > SHORT) return JSON.stringify(text).slice(1, -1)
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    // Control characters, the quote, the backslash; surrogates, which JSON.stringify escapes unless they are a pair.
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || (unit >= 0xd800 && unit <= 0xdfff)) {
      return JSON.stringify(text).slice(1, -1)
    }
  }
  return text
}

/** JSON as it is; undefined when it cannot be written, since it is nested deeper than the stack goes. */
export function jsonText(value: unknown): string | undefined {
  try {
    return typeof value === 'string' ? `"${escaped(value)}"` : JSON.stringify(value)
  } catch {
    return undefined
  }
}
