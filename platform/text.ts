/** Whether a text can be stored and shown: well-formed Unicode without control characters but those of lines and tabs. */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && !/[^\P{Cc}\n\r\t]/u.test(text)
}

/**
 * Whether a text can be a name: on one line, with something to see, and without the controls of writing direction, with
 * which a name could pose as another.
 */
export function isNameable(text: string): boolean {
  return (
    isPlainText(text) &&
    !/[\n\r\t\u2028-\u202e\u2066-\u2069]/.test(text) &&
    /[\p{L}\p{N}\p{P}\p{S}]/u.test(text)
  )
}
