import { availableParallelism } from 'node:os'
import sharp, { type Metadata, type Sharp } from 'sharp'
import { createTurns } from '../passwords/turns.ts'
import { bytesOfPicture } from './picture-bytes.ts'
import { PictureError, type PictureType } from './picture-type.ts'

/** The sides of the squares that are made of a picture, in pixels. */
export const SIZES = [64, 128, 256, 512] as const
const LARGEST = 512

/** A picture made of what was sent: nothing of its bytes is in it. */
export type Square = { size: number; webp: Uint8Array }

const MAX_SIDE = 8_000 // pixels
const MAX_PIXELS = 40_000_000

/** Most that a picture may take that is decoded whole before any of it can be used. */
const MAX_DECODED = 240_000_000 // bytes

/** Longest that a picture is decoded. */
const PATIENCE = 5 // s

const formats = { JPEG: 'jpeg', PNG: 'png', WEBP: 'webp' } as const

// Pictures of strangers take one core each, as many at once as there are, and leave nothing behind.
sharp.concurrency(1)
sharp.cache(false)
const turns = createTurns(availableParallelism())

// No reader of other formats ever sees them.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
})

/**
 * Makes squares of a picture: upright, cut around its middle, without its metadata; the first one of a moving picture.
 * `read` gives its bytes once it is its turn. Throws PictureError for what is no picture of the type, is too large, or
 * cannot be decoded whole.
 */
export function squaresOf(type: PictureType, read: () => Promise<Uint8Array>): Promise<Square[]> {
  return turns(async () => {
    const { data, info } = await decoded(type, await read())
    const squares: Square[] = []
    for (const size of SIZES) {
      const square = sharp(data, { raw: info }).resize(size, size).webp({ quality: 80 })
      squares.push({ size, webp: await square.toBuffer() })
    }
    return squares
  })
}

/** The largest square, in plain pixels. */
async function decoded(type: PictureType, sent: Uint8Array) {
  const bytes = bytesOfPicture(type, sent)
  const open = () =>
    sharp(bytes, { failOn: 'error', limitInputPixels: MAX_PIXELS }).timeout({ seconds: PATIENCE })
  try {
    // The header alone, whose fault is told as what it is.
    const metadata = await sharp(bytes, { failOn: 'error', limitInputPixels: false }).metadata()
    if (metadata.format !== formats[type]) throw new PictureError(`What was sent is no ${type}.`)
    checkSize(metadata)
    await readWhole(open())
    return await open()
      .autoOrient()
      .resize(LARGEST, LARGEST)
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
  } catch (error) {
    throw error instanceof PictureError ? error : new PictureError('The picture cannot be read whole.')
  }
}

/** By what its header says, before anything is decoded. */
function checkSize({ width, height, channels, depth, format, isProgressive }: Metadata): void {
  const isLarge = width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS
  // Of a JPEG its coefficients may be in memory, of an interlaced PNG its pixels; of any other a few lines are.
  const isWhole = format === 'jpeg' || isProgressive
  const sample = depth === 'ushort' || format === 'jpeg' ? 2 : 1 // bytes
  if (isLarge || (isWhole && width * height * channels * sample > MAX_DECODED)) {
    throw new PictureError(`A picture has ${MAX_SIDE} pixels a side at most, and 40 megapixels.`)
  }
}

/** Decodes what cutting out the middle would leave unread. */
async function readWhole(picture: Sharp): Promise<void> {
  await picture
    .resize(LARGEST / 8, LARGEST / 8, { fit: 'fill' })
    .raw()
    .toBuffer()
}
