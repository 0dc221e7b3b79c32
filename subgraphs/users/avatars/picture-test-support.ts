import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'

/** A picture that is red on its left half and blue on its right one. */
export function twoColours(width = 300, height = 200) {
  const left = { create: { width: Math.ceil(width / 2), height, channels: 3 as const, background: 'red' } }
  return sharp({ create: { width, height, channels: 3, background: 'blue' } }).composite([
    { input: left, left: 0, top: 0 },
  ])
}

/** A picture in which no two neighbours are alike, so that it has many bytes. */
export function noise(width: number, height: number) {
  const pixels = Buffer.alloc(width * height * 3)
  for (let index = 0, state = 1; index < pixels.length; index++) {
    state = (state * 48_271) % 2_147_483_647
    pixels[index] = state
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

/** What a picture shows in places, each given in shares of its side. */
export async function coloursOf(picture: Uint8Array, places: [x: number, y: number][]) {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return places.map(([x, y]) => {
    const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels
    const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3)
    return red > 150 && blue < 100 ? 'red' : blue > 150 && red < 100 ? 'blue' : `${red},${green},${blue}`
  })
}

/** A chunk of a PNG with its checksum. */
export function pngChunk(name: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(12 + data.length)
  chunk.writeUInt32BE(data.length, 0)
  chunk.write(name, 4, 'latin1')
  chunk.set(data, 8)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length)
  return chunk
}

/** A PNG that says it is so large, in grey, with these bytes once they are inflated. */
export function pngOf(
  width: number,
  height: number,
  inflated: Uint8Array,
  between: Uint8Array[] = [],
): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8 // bits of each pixel
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    ...between,
    pngChunk('IDAT', deflateSync(inflated, { level: 9 })),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

/** A progressive JPEG whose passes are many, each of them in order and of a few bytes. */
export async function jpegOfPasses(count: number): Promise<Buffer> {
  const flat = sharp({ create: { width: 800, height: 800, channels: 3, background: 'red' } })
  const jpeg = await flat.jpeg({ progressive: true }).toBuffer()
  // The first pass is over all colours; the second, over some coefficients of one, is repeated for others.
  const [, start = 0] = placesOf(jpeg, 'ffda')
  const end = Math.min(...[...placesOf(jpeg, 'ffda'), ...placesOf(jpeg, 'ffc4')].filter((at) => at > start))
  const pass = jpeg.subarray(start, end)
  const passes = Array.from({ length: count }, (_, index) => {
    const copy = Buffer.from(pass)
    const coefficient = 1 + (index % 63)
    const bit = 13 - Math.floor(index / 63)
    copy.set([coefficient, coefficient, bit === 13 ? 0x0d : ((bit + 1) << 4) | bit], 7)
    return copy
  })
  return Buffer.concat([jpeg.subarray(0, start), ...passes, jpeg.subarray(-2)])
}

function placesOf(bytes: Buffer, marker: string): number[] {
  const places: number[] = []
  for (let at = bytes.indexOf(marker, 0, 'hex'); at !== -1; at = bytes.indexOf(marker, at + 2, 'hex')) {
    places.push(at)
  }
  return places
}
