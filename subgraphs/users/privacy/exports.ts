import { Readable } from 'node:stream'
import type { Publication } from '../../../platform/event-queue.ts'
import type { EventPayload } from '../../../platform/events.ts'
import { partOf, partsOf } from '../../../platform/export.ts'
import { subgraphNames } from '../../../platform/names.ts'
import type { ObjectStore } from '../../../platform/object-store/object-store.ts'
import type { PersonRow } from '../tables.ts'
import { type ArchivedFile, archiveOf } from './archive.ts'
import { README } from './archive-readme.ts'
import { type ExportRow, type ExportStore, KEPT } from './export-store.ts'

/** More than a picture of 512 pixels has. */
const AVATAR_LIMIT = 5_000_000 // bytes

export type Exports = ReturnType<typeof createExports>

/** Archives of all that the service holds about a person. */
export function createExports(store: ExportStore, objects: ObjectStore, now: () => Date) {
  return {
    /** Starts an export; gives where the archive will be. Refuses more than one a day. */
    request: async (userId: string): Promise<{ downloadUrl: string }> => ({
      downloadUrl: await addressOf(await store.request(userId, now())),
    }),

    /** Puts the picture that a person shows beside the parts. */
    async addPicture(exportId: string, picture: AsyncIterable<Uint8Array>): Promise<void> {
      await objects.put(avatarKey(exportId), picture, 'image/webp')
    },

    /** Makes the archive once every part is there. An event may come again at any time: what it left is taken away. */
    async gathered({ exportId, subgraph }: EventPayload<'export.gathered'>): Promise<void> {
      const row = await store.gathered(exportId, subgraph)
      if (!row) return remove(exportId)
      if (!subgraphNames.every((name) => row.gathered.includes(name))) return
      if (!row.readyAt) {
        await objects.put(archiveKey(exportId), archiveOf(await filesOf(exportId)), 'application/zip')
        const link = await addressOf(row)
        if (!(await store.ready(exportId, now(), (owner) => told(row, owner, link, now())))) {
          return remove(exportId)
        }
      }
      await objects.deleteAll(partsOf(exportId))
    },

    /** Deletes an archive whose time is over. */
    async expired({ exportId }: EventPayload<'export.expired'>): Promise<void> {
      await store.remove(exportId)
      await remove(exportId)
    },
  }

  async function remove(exportId: string): Promise<void> {
    await objects.deleteAll(partsOf(exportId))
    await objects.deleteAll(archiveKey(exportId))
  }

  function addressOf({ id, requestedAt }: ExportRow): Promise<string> {
    const expiresAt = new Date(requestedAt.getTime() + KEPT)
    const fileName = `podium-${requestedAt.toISOString().slice(0, 10)}.zip`
    return objects.downloadUrl(archiveKey(id), { expiresAt, fileName })
  }

  async function filesOf(exportId: string): Promise<ArchivedFile[]> {
    const parts = subgraphNames.map((name) => ({
      name: `${name}.jsonl`,
      open: () => contentOf(partOf(exportId, name)),
    }))
    const readme = { name: 'README.txt', open: async () => Readable.from([README]) }
    const avatar = await objects.read(avatarKey(exportId), AVATAR_LIMIT)
    const picture = avatar ? [{ name: 'avatar.webp', open: async () => Readable.from([avatar]) }] : []
    return [readme, ...parts, ...picture]
  }

  async function contentOf(key: string): Promise<AsyncIterable<Uint8Array>> {
    const content = await objects.stream(key)
    // Taken away by who made the archive at the same time; the next attempt finds it made.
    if (!content) throw new Error(`${key} is gone`)
    return content
  }
}

const archiveKey = (exportId: string) => `exports/${exportId}.zip`

const avatarKey = (exportId: string) => `${partsOf(exportId)}avatar.webp`

function told(
  { id: exportId, userId, requestedAt }: ExportRow,
  owner: PersonRow,
  link: string,
  now: Date,
): Publication[] {
  // biome-ignore format: one line
  const at = now.toISOString()
  const expiresAt = new Date(requestedAt.getTime() + KEPT).toISOString()
  const { email: to, emailVerifiedAt } = owner
  const mail: Publication<'email.requested'> = {
    name: 'email.requested',
    payload: { emailId: exportId, userId, to, kind: 'EXPORT_READY', link, at, expiresAt },
  }
  // Of an address that is not known to be theirs somebody else may read the mails, who could read all of it.
  return [{ name: 'export.ready', payload: { exportId, userId, at } }, ...(emailVerifiedAt ? [mail] : [])]
}
