import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'

/** A file of an archive, which is opened when it is its turn. */
export type ArchivedFile = { name: string; open: () => Promise<AsyncIterable<Uint8Array | string>> }

/** A ZIP archive of files, piece by piece: no file is in memory as a whole. Throws what reading one throws. */
export function archiveOf(files: ArchivedFile[]): AsyncIterable<Uint8Array> {
  const zip = new ZipFile()
  // yazl makes a PassThrough of it, of which its types tell the half.
  const archive = zip.outputStream as Readable
  const fail = (error: Error) => archive.destroy(error)
  zip.on('error', fail)
  for (const { name, open } of files) {
    zip.addReadStreamLazy(name, (give) => {
      open().then((content) => {
        const file = Readable.from(content).on('error', fail)
        archive.on('close', () => file.destroy())
        give(null, file)
      }, fail)
    })
  }
  zip.end()
  return archive
}
