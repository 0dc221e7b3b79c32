import type { FolderSettings } from '../settings/object-store-settings.ts'
import { attachmentOf } from './attachment.ts'
import { createFileGrants } from './file-grants.ts'
import { openObjectFolder } from './object-folder.ts'
import { checkObjectKey, checkPublicKey, checkUploadKey } from './object-key.ts'
import { type ObjectStore, ObjectTooLargeError } from './object-store.ts'

/** Longest that an address is good: S3 knows no longer. */
const LONGEST_DOWNLOAD = 7 * 86_400_000 // ms

/**
 * Keeps files in a folder, which processes on several machines share as a volume. Its addresses are good where
 * serveFolder (serve-folder.ts) knows the same `secret`: the users subgraph serves it, so that only its addresses are.
 */
export function openFolderStore(
  { folder, url }: FolderSettings,
  { secret, now }: { secret: string; now: () => Date },
): ObjectStore {
  const objects = openObjectFolder(folder)
  const grants = createFileGrants(secret, now)

  return {
    // Files have no type of their own: whoever serves them tells it by their names.
    put: (key, content) => objects.write(key, content),

    async read(key, limit) {
      const found = await objects.find(key)
      if (!found) return null
      try {
        if (found.byteLength > limit) throw new ObjectTooLargeError(`${key} has ${found.byteLength} bytes`)
        return await found.handle.readFile()
      } finally {
        await found.handle.close()
      }
    },

    async stream(key) {
      const found = await objects.find(key)
      return found?.handle.createReadStream() ?? null
    },

    deleteAll: (prefix) => objects.removeAll(prefix),

    async uploadTo(key, upload) {
      checkUploadKey(key)
      const { contentType } = upload
      const query = grants.queryOf({ method: 'PUT', key, ...upload })
      return { url: `${url}/${key}?${query}`, headers: [{ name: 'content-type', value: contentType }] }
    },

    publicUrl(key) {
      checkPublicKey(key)
      return `${url}/${key}`
    },

    async downloadUrl(key, download) {
      checkObjectKey(key)
      attachmentOf(download.fileName) // what serves it will name it so
      if (download.expiresAt.getTime() - now().getTime() > LONGEST_DOWNLOAD) {
        throw new Error('an address is good for seven days at most')
      }
      return `${url}/${key}?${grants.queryOf({ method: 'GET', key, ...download })}`
    },
  }
}
