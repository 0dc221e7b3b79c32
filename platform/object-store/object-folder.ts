import { randomUUID } from 'node:crypto'
import { createWriteStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { StartupError } from '../listen.ts'
import { checkObjectKey, checkObjectPrefix } from './object-key.ts'

/** Where objects are until they are whole; no key begins with a dot. */
const UNFINISHED = '.unfinished'

/** How long what a process left there is spared, since another may be writing it. */
const ABANDONED = 86_400_000 // ms

/** Nobody but the user of the process reads what is personal. */
const modes = { folder: 0o700, file: 0o600 }

/** An object that was found. Whoever does not read it closes it. */
export type Found = { byteLength: number; handle: FileHandle }

/** Objects as files below a folder, by their keys. Throws StartupError for a folder that cannot be written to. */
export function openObjectFolder(folder: string) {
  const unfinished = join(folder, UNFINISHED)
  try {
    mkdirSync(unfinished, { recursive: true, mode: modes.folder })
    removeAbandoned(unfinished)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException // what node:fs throws
    throw new StartupError(`The folder ${folder} of OBJECT_STORE cannot be written to (${code}).`)
  }

  return {
    /** Writes an object whole, or not at all where `content` fails. */
    async write(key: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
      checkObjectKey(key)
      const temporary = join(unfinished, randomUUID())
      try {
        const file = createWriteStream(temporary, { flags: 'wx', mode: modes.file, flush: true })
        await pipeline(Readable.from(content instanceof Uint8Array ? [content] : content), file)
        await mkdir(join(folder, dirname(key)), { recursive: true, mode: modes.folder })
        await rename(temporary, join(folder, key))
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
    },

    /** The object of a key; null where there is none. */
    async find(key: string): Promise<Found | null> {
      checkObjectKey(key)
      const handle = await open(join(folder, key)).catch(nullIfMissing)
      if (!handle) return null
      const stats = await handle.stat()
      if (stats.isFile()) return { byteLength: stats.size, handle }
      await handle.close()
      return null
    },

    /** Removes all whose keys begin with `prefix`. */
    async removeAll(prefix: string): Promise<void> {
      checkObjectPrefix(prefix)
      if (prefix.endsWith('/')) return rm(join(folder, prefix), { recursive: true, force: true })
      const parent = join(folder, dirname(prefix))
      const names = (await readdir(parent).catch(nullIfMissing)) ?? []
      for (const name of names) {
        const isHidden = name.startsWith('.')
        if (!isHidden && name.startsWith(basename(prefix))) await rm(join(parent, name), { recursive: true, force: true }) // biome-ignore format: one thought
      }
    },
  }
}

function removeAbandoned(unfinished: string): void {
  for (const name of readdirSync(unfinished)) {
    const file = join(unfinished, name)
    const stats = statSync(file, { throwIfNoEntry: false }) // another process may be at it
    if (stats && Date.now() - stats.mtimeMs > ABANDONED) rmSync(file, { force: true })
  }
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
  throw error
}
