/**
 * Where files are kept: a folder, or a bucket of S3. Keys are paths such as `avatars/<user>/<id>-128.webp`; what is below
 * `public/` can be read by whoever knows its address, all else by a signed one alone.
 */
export type ObjectStore = {
  put(key: string, content: Uint8Array | AsyncIterable<Uint8Array>, contentType: string): Promise<void>
  /** The content of an object; null where there is none. Throws ObjectTooLargeError for more than `limit` bytes. */
  read(key: string, limit: number): Promise<Uint8Array | null>
  /** The same piece by piece, however large it is. */
  stream(key: string): Promise<AsyncIterable<Uint8Array> | null>
  /** Deletes all whose keys begin with `prefix`; none is fine. */
  deleteAll(prefix: string): Promise<void>
  /**
   * Where and with which headers somebody else may PUT one object of this type and length, once or again until `expiresAt`;
   * not below `public/`, where nothing is but what this service made.
   */
  uploadTo(
    key: string,
    upload: { contentType: string; byteLength: number; expiresAt: Date },
  ): Promise<{ url: string; headers: { name: string; value: string }[] }>
  /** Where an object of `public/` can be read by anyone. */
  publicUrl(key: string): string
  /** Where any other can be read until `expiresAt`, at most seven days ahead, by whoever knows the address. */
  downloadUrl(key: string, download: { expiresAt: Date; fileName: string }): Promise<string>
}

/** An object is larger than whoever reads it can use. */
export class ObjectTooLargeError extends Error {}
