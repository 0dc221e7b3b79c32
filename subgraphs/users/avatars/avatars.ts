import { badUserInput } from '../../../platform/errors.ts'
import { type ObjectStore, ObjectTooLargeError } from '../../../platform/object-store/object-store.ts'
import { refuse } from '../../../platform/refusal.ts'
import type { PersonRow } from '../tables.ts'
import type { AvatarStore, UploadRow } from './avatar-store.ts'
import { SIZES, squaresOf } from './picture.ts'
import { PictureError, type PictureType } from './picture-type.ts'

/** Most that a picture may have that is sent. */
const MAX_LENGTH = 5 * 1_048_576 // bytes

const contentTypes: Record<PictureType, string> = {
  JPEG: 'image/jpeg',
  PNG: 'image/png',
  WEBP: 'image/webp',
}

export type Avatars = ReturnType<typeof createAvatars>

/** People's pictures: sent to the object store, checked and made anew, and shown from there. */
export function createAvatars({
  store,
  objects,
  now,
}: {
  store: AvatarStore
  objects: ObjectStore
  now: () => Date
}) {
  return {
    /** Where a person's picture of `size` pixels or the next larger is; null where they have none. */
    urlOf({ id, avatarId }: PersonRow, size: number): string | null {
      if (size < 1) throw badUserInput('The size of a picture is 1 pixel at least.')
      return avatarId && objects.publicUrl(pictureKey(id, avatarId, sizeFor(size)))
    },

    /** Where to send a picture. Refuses one that is too large, and too many. */
    async request(userId: string, sent: { contentType: PictureType; byteLength: number }) {
      if (!(sent.byteLength >= 1 && sent.byteLength <= MAX_LENGTH)) {
        return refuse('INVALID_INPUT', `A picture has 1 to ${MAX_LENGTH} bytes.`, 'byteLength')
      }
      await sweep()
      const { id, contentType, byteLength, expiresAt } = await store.open(userId, sent, now())
      const upload = { contentType: contentTypes[contentType], byteLength, expiresAt }
      return { id, expiresAt, ...(await objects.uploadTo(uploadKey(userId, id), upload)) }
    },

    /** Checks what was sent, and shows it. Refuses what was not asked for, did not come, or is no picture as it was said. */
    async complete(userId: string, uploadId: string): Promise<PersonRow> {
      const upload = await store.find(uploadId, userId, now())
      if (!upload) return refuseUnknown()
      try {
        const squares = await squaresOf(upload.contentType, () => received(upload))
        await Promise.all(
          squares.map(({ size, webp }) =>
            objects.put(pictureKey(userId, uploadId, size), webp, 'image/webp'),
          ),
        )
        const changed = await store.show(userId, uploadId)
        if (!changed) {
          await objects.deleteAll(picturesKey(userId, uploadId))
          return refuseUnknown()
        }
        if (changed.before) await objects.deleteAll(picturesKey(userId, changed.before))
        await objects.deleteAll(uploadKey(userId, uploadId))
        return changed.person
      } catch (error) {
        if (!(error instanceof PictureError)) throw error
        await objects.deleteAll(uploadKey(userId, uploadId))
        return refuse('UPLOAD_REJECTED', `${error.message} Choose another.`, 'uploadId')
      }
    },

    /** Takes a person's picture away. */
    async remove(userId: string): Promise<PersonRow> {
      const changed = await store.show(userId, null)
      if (!changed) return refuse('NOT_FOUND', 'This account is no more.')
      if (changed.before) await objects.deleteAll(picturesKey(userId, changed.before))
      return changed.person
    },

    /** A person's picture in its largest size; null where they have none. */
    largest: async ({ id, avatarId }: PersonRow): Promise<AsyncIterable<Uint8Array> | null> =>
      avatarId ? objects.stream(pictureKey(id, avatarId, Math.max(...SIZES))) : null,

    /** Deletes all that a person sent and all that was made of it, once nothing of them is shown any more. */
    async forget(userId: string): Promise<void> {
      await objects.deleteAll(`public/avatars/${userId}/`)
      await objects.deleteAll(`uploads/${userId}/`)
    },
  }

  /** What was sent, which from then on nobody can complete once more. */
  async function received({ id, userId, byteLength }: UploadRow): Promise<Uint8Array> {
    const bytes = await objects.read(uploadKey(userId, id), byteLength).catch((error: unknown) => {
      if (error instanceof ObjectTooLargeError) return new Uint8Array()
      throw error
    })
    if (!bytes) {
      return refuse(
        'UPLOAD_REJECTED',
        'Nothing was sent yet. PUT the picture to the address first.',
        'uploadId',
      )
    }
    if (!(await store.close(id, now()))) return refuseUnknown()
    if (bytes.byteLength !== byteLength) throw new PictureError(`What was sent has not the ${byteLength} bytes that were said.`) // biome-ignore format: one thought
    return bytes
  }

  /** Of whatever upload was not completed, or not to its end. */
  async function sweep(): Promise<void> {
    const over = await store.over(now())
    if (over.length === 0) return
    for (const { id, userId, shown } of over) {
      await objects.deleteAll(uploadKey(userId, id))
      if (shown !== id) await objects.deleteAll(picturesKey(userId, id))
    }
    await store.forget(over.map(({ id }) => id))
  }
}

const sizeFor = (size: number) => SIZES.find((side) => side >= size) ?? Math.max(...SIZES)

const uploadKey = (userId: string, id: string) => `uploads/${userId}/${id}`
const picturesKey = (userId: string, avatarId: string) => `public/avatars/${userId}/${avatarId}-`
const pictureKey = (userId: string, avatarId: string, size: number) =>
  `${picturesKey(userId, avatarId)}${size}.webp`

const refuseUnknown = () =>
  refuse('NOT_FOUND', 'There is no such upload of yours, or it is over.', 'uploadId')
