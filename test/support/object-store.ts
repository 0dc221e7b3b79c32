import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openObjectStore } from '../../platform/object-store/open-object-store.ts'
import type { FolderSettings } from '../../platform/settings/object-store-settings.ts'

/** A folder for files that nobody else has; `remove` takes it away with all that is in it. */
export async function temporaryFiles(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'podium-files-'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** An object store of a test's own, and what it was opened with. */
export async function openTestObjects(now = () => new Date()) {
  const { folder, remove } = await temporaryFiles()
  const settings: FolderSettings = { kind: 'folder', folder, url: 'http://127.0.0.1/files' }
  const secret = 'the secret that addresses of files are signed with'
  return { settings, secret, objects: await openObjectStore(settings, { secret, now }), close: remove }
}

/** A signed address with another signature. */
export const forged = (url: string) =>
  url.replace(/(?<=signature=)./i, (first) => (first === '0' ? '1' : '0'))
