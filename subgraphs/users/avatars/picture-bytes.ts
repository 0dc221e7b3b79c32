import { PictureError, type PictureType } from './picture-type.ts'

/** Passes of a progressive JPEG: programs write a dozen, and each may cost a decoder as much as a whole picture. */
const MAX_SCANS = 40

/** The chunks of a PNG that its pixels are made of, or how they are shown. Those of text may be packed a thousandfold. */
const pngChunks = new Set(['IHDR', 'PLTE', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'iCCP', 'eXIf', 'IDAT', 'IEND'])
const once = new Set(['iCCP', 'eXIf'])

/**
 * Of what was sent the bytes that are the picture, which alone a decoder gets to see: without what follows it, and
 * without what could make decoding it dear. Throws PictureError for what has not the form of its type.
 */
export function bytesOfPicture(type: PictureType, sent: Uint8Array): Uint8Array {
  return readers[type](Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength))
}

const readers: Record<PictureType, (bytes: Buffer) => Uint8Array> = { JPEG: jpeg, PNG: png, WEBP: webp }

/** ITU-T T.81, annex B: segments, and after each start of a scan its data, in which FF is followed by 00 or by D0 to D7. */
function jpeg(bytes: Buffer): Uint8Array {
  expectBytes(bytes, 0, '\xff\xd8\xff', 'JPEG')
  let scans = 0
  for (let at = 2; ; ) {
    expectLength(bytes, at + 2, 'JPEG')
    if (bytes[at] !== 0xff) throw new PictureError('The JPEG is damaged.')
    const marker = bytes[at + 1]
    if (marker === 0xd9) return bytes.subarray(0, at + 2)
    if (marker === 0xff) {
      at += 1 // what comes before a marker may be filled up
      continue
    }
    expectLength(bytes, at + 4, 'JPEG')
    at += 2 + bytes.readUInt16BE(at + 2)
    if (marker !== 0xda) continue
    scans += 1
    if (scans > MAX_SCANS) throw new PictureError('The JPEG has too many passes.')
    at = endOfScan(bytes, at)
  }
}

function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 2)) {
    const next = bytes[at + 1]
    const isData = next === 0x00 || (next !== undefined && next >= 0xd0 && next <= 0xd7)
    if (!isData) return at
  }
  return bytes.length
}

/** PNG, third edition, 5: chunks of length, name, data and checksum. */
function png(bytes: Buffer): Uint8Array {
  expectBytes(bytes, 0, '\x89PNG\r\n\x1a\n', 'PNG')
  const kept: Uint8Array[] = [bytes.subarray(0, 8)]
  const seen = new Set<string>()
  for (let at = 8; ; ) {
    expectLength(bytes, at + 12, 'PNG')
    const end = at + 12 + bytes.readUInt32BE(at)
    expectLength(bytes, end, 'PNG')
    const name = bytes.toString('latin1', at + 4, at + 8)
    if (pngChunks.has(name) && !(once.has(name) && seen.has(name))) kept.push(bytes.subarray(at, end))
    if (name === 'IEND') return Buffer.concat(kept)
    seen.add(name)
    at = end
  }
}

/** RFC 9649, 2.4: RIFF, the length of what follows, WEBP. */
function webp(bytes: Buffer): Uint8Array {
  expectBytes(bytes, 0, 'RIFF', 'WEBP')
  expectBytes(bytes, 8, 'WEBP', 'WEBP')
  const end = 8 + bytes.readUInt32LE(4)
  expectLength(bytes, end, 'WEBP')
  return bytes.subarray(0, end)
}

function expectLength(bytes: Buffer, length: number, type: PictureType): void {
  if (length > bytes.length) throw new PictureError(`The ${type} ends too early.`)
}

function expectBytes(bytes: Buffer, at: number, expected: string, type: PictureType): void {
  if (bytes.toString('latin1', at, at + expected.length) === expected) return
  throw new PictureError(`What was sent is no ${type}.`)
}
