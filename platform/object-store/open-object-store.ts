import type { ObjectStoreSettings } from '../settings/object-store-settings.ts'
import type { ObjectStore } from './object-store.ts'

/**
 * Opens where files are kept. `secret` is what addresses of a folder's files are signed with. Throws StartupError for a
 * folder that cannot be written to.
 */
export async function openObjectStore(
  settings: ObjectStoreSettings,
  options: { secret: string; now: () => Date },
): Promise<ObjectStore> {
  // The SDK is large: only who keeps files there loads it.
  if (settings.kind === 's3') return (await import('./object-store-s3.ts')).openBucketStore(settings, options)
  return (await import('./object-store-folder.ts')).openFolderStore(settings, options)
}
