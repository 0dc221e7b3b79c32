/** Whether a text is the key of an object: names between slashes, none of which leads anywhere else or is hidden. */
export function isObjectKey(text: string): boolean {
  return text.length <= 500 && text.split('/').every((name) => /^[\w-][\w.-]{0,199}$/.test(name))
}

/** Whether whoever knows the address of an object may read it. */
export const isPublicKey = (key: string) => key.startsWith('public/')

/** Throws for what is no key: keys are made by programs, so that it is never a person's fault. */
export function checkObjectKey(key: string): void {
  if (!isObjectKey(key)) throw new Error(`${JSON.stringify(key)} is no key of an object`)
}

/** Throws for what is no beginning of keys; a slash at its end is one. */
export function checkObjectPrefix(prefix: string): void {
  checkObjectKey(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix)
}

/** Throws for a key that may not be written by others: what is public was made by this service. */
export function checkUploadKey(key: string): void {
  checkObjectKey(key)
  if (isPublicKey(key)) throw new Error(`${key} is public, where nobody else may write`)
}

/** Throws for a key that is not public. */
export function checkPublicKey(key: string): void {
  checkObjectKey(key)
  if (!isPublicKey(key)) throw new Error(`${key} is not public`)
}
