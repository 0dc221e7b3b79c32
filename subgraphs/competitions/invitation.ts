import { createHash, randomBytes } from 'node:crypto'

/** A code that nobody can guess: 96 random bits in 16 characters that are safe in a URL. */
export const newInvitationCode = () => randomBytes(12).toString('base64url')

/** What is kept of a code. It has too many bits to be tried out, so a fast hash does. */
export const hashInvitationCode = (code: string) => createHash('sha256').update(code.trim()).digest('hex')
