/** The types that a picture may be sent as. */
export type PictureType = 'JPEG' | 'PNG' | 'WEBP'

/** What was sent is no picture that can be used; the message says why, in plain English. */
export class PictureError extends Error {}
