import { deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import sharp from 'sharp'
import { SIZES, squaresOf } from './picture.ts'
import { coloursOf, jpegOfPasses, noise, pngChunk, pngOf, twoColours } from './picture-test-support.ts'
import { PictureError, type PictureType } from './picture-type.ts'

const made = (type: PictureType, bytes: Uint8Array) => squaresOf(type, async () => bytes)

/** What is said of a picture that is refused. */
const fault = (type: PictureType, bytes: Uint8Array) =>
  made(type, bytes).then(
    () => 'it was taken',
    (error: unknown) => {
      if (!(error instanceof PictureError)) throw error
      return error.message
    },
  )

/** All squares of a picture that is taken, whose bytes are none of these. */
async function takenWithout(type: PictureType, bytes: Uint8Array, ...marks: string[]) {
  const squares = await made(type, bytes)
  for (const { webp } of squares) {
    for (const mark of marks) expect(Buffer.from(webp).indexOf(mark)).toBe(-1)
  }
  return squares
}

/** The most memory that the process has while it works, beyond what it had, in bytes. */
async function memoryOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss
  let most = before
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 2)
  await work().finally(() => clearInterval(watch))
  return Math.max(most, process.memoryUsage().rss) - before
}

const jpeg = () => twoColours().jpeg().toBuffer()

describe('what is shown', () => {
  test.each([
    ['JPEG', jpeg],
    ['PNG', () => twoColours().png().toBuffer()],
    ['WEBP', () => twoColours().webp().toBuffer()],
  ] as const)('a %s becomes squares of WebP, cut around its middle', async (type, bytes) => {
    const squares = await made(type, await bytes())
    expect(squares.map(({ size }) => size)).toEqual([...SIZES])
    for (const { size, webp } of squares) {
      expect(await sharp(webp).metadata()).toMatchObject({ format: 'webp', width: size, height: size })
      expect(await coloursOf(webp, [[0.25, 0.5], [0.75, 0.5]])).toEqual(['red', 'blue']) // biome-ignore format: one line
    }
  })

  test('a picture that a camera held sideways stands upright', async () => {
    // Turned by a quarter to the right, as 6 says, red is above and blue below.
    const sideways = await twoColours().jpeg().withMetadata({ orientation: 6 }).toBuffer()
    const [{ webp } = { webp: Buffer.alloc(0) }] = await made('JPEG', sideways)
    expect(await coloursOf(webp, [[0.5, 0.25], [0.5, 0.75]])).toEqual(['red', 'blue']) // biome-ignore format: one line
  })

  test('where and with what it was taken is gone', async () => {
    const tagged = await twoColours()
      .withExif({
        IFD0: { Make: 'Camera of Ada', Copyright: 'Ada Lovelace' },
        IFD3: {
          GPSLatitudeRef: 'N',
          GPSLatitude: '51/1 30/1 0/1',
          GPSLongitudeRef: 'W',
          GPSLongitude: '0/1 7/1 0/1',
        },
      })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">at home</x:xmpmeta>')
      .withIccProfile('p3')
      .jpeg()
      .toBuffer()
    expect((await sharp(tagged).metadata()).exif).toBeDefined()
    const squares = await takenWithout('JPEG', tagged, 'Ada', 'Exif', 'EXIF', 'XMP', 'at home', 'ICCP')
    for (const { webp } of squares) {
      const { exif, xmp, icc, iptc } = await sharp(webp).metadata()
      expect([exif, xmp, icc, iptc]).toEqual([undefined, undefined, undefined, undefined])
    }
  })

  test('of a moving picture the first one', async () => {
    const frames = await Promise.all(
      ['red', 'blue'].map((background) =>
        sharp({ create: { width: 20, height: 20, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    )
    const moving = await sharp(frames, { join: { animated: true } })
      .webp({ loop: 0 })
      .toBuffer()
    expect((await sharp(moving).metadata()).pages).toBe(2)
    for (const { webp } of await made('WEBP', moving)) {
      expect((await sharp(webp).metadata()).pages).toBeUndefined()
      expect(await coloursOf(webp, [[0.5, 0.5]])).toEqual(['red'])
    }
  })

  test.each([
    ['one pixel', () => twoColours(1, 1).png().toBuffer()],
    ['a line', () => twoColours(8_000, 1).png().toBuffer()],
    ['a column', () => twoColours(2, 8_000).png().toBuffer()],
    [
      'sixteen bits a channel and see-through',
      () => twoColours().ensureAlpha(0.5).toColourspace('rgb16').png().toBuffer(),
    ],
    ['grey', () => twoColours().toColourspace('b-w').png().toBuffer()],
    ['a palette', () => twoColours().png({ palette: true }).toBuffer()],
    ['interlaced', () => twoColours().png({ progressive: true }).toBuffer()],
  ])('%s is a picture, too', async (_, bytes) => {
    expect(await made('PNG', await bytes())).toHaveLength(4)
  })

  test.each([
    ['CMYK', () => twoColours().toColourspace('cmyk').jpeg().toBuffer()],
    ['progressive', () => twoColours().jpeg({ progressive: true }).toBuffer()],
    ['the largest there may be', () => twoColours(8_000, 5_000).jpeg().toBuffer()],
  ])('so is a JPEG that is %s', async (_, bytes) => {
    expect(await made('JPEG', await bytes())).toHaveLength(4)
  })
})

describe('what is more than a picture', () => {
  const html = '<script>alert("of a stranger")</script>'
  const zip = Buffer.concat([Buffer.from('PK\x03\x04'), gzipSync('an applet')])
  const tails = {
    html,
    js: '/*\n*/alert("of a stranger")//',
    zip: zip.toString('latin1'),
    php: '<?php system("id"); ?>',
  }

  test.each(Object.entries(tails))('%s that follows a picture is gone', async (_, tail) => {
    const mark = tail.slice(0, 12)
    const after = Buffer.from(tail, 'latin1')
    await takenWithout('JPEG', Buffer.concat([await jpeg(), after]), mark)
    await takenWithout('PNG', Buffer.concat([await twoColours().png().toBuffer(), after]), mark)
    await takenWithout('WEBP', Buffer.concat([await twoColours().webp().toBuffer(), after]), mark)
  })

  test('what hides in comments and chunks is gone', async () => {
    const [head, rest] = [(await jpeg()).subarray(0, 2), (await jpeg()).subarray(2)]
    const comment = Buffer.from(`\xff\xfe\0${String.fromCharCode(html.length + 2)}${html}`, 'latin1')
    await takenWithout('JPEG', Buffer.concat([head, comment, rest]), 'script')
    const chunk = pngChunk('tEXt', Buffer.from(`Comment\0${html}`))
    await takenWithout('PNG', pngOf(4, 4, Buffer.alloc(20), [chunk]), 'script')
  })
})

describe('what is no picture of the type', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><script>alert(1)</script></svg>'
  const gif = Buffer.concat([
    Buffer.from('GIF89a\x01\0\x01\0\0\0\0;', 'latin1'),
    Buffer.from('PK\x03\x04 a jar'),
  ])
  test.each([
    ['SVG', Buffer.from(svg)],
    ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['a GIF that is a Java archive', gif],
    ['a PDF', Buffer.from('%PDF-1.7\n%')],
    ['an archive', gzipSync(svg)],
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from([0xff])],
    ['5 MiB of zeros', Buffer.alloc(5 * 1_048_576)],
  ])('%s is none of the three', async (_, bytes) => {
    for (const type of ['JPEG', 'PNG', 'WEBP'] as const) {
      expect(await fault(type, bytes)).toBe(`What was sent is no ${type}.`)
    }
  })

  test('a picture of another type is none of this one', async () => {
    expect(await fault('PNG', await jpeg())).toBe('What was sent is no PNG.')
    expect(await fault('JPEG', await twoColours().webp().toBuffer())).toBe('What was sent is no JPEG.')
    expect(await fault('WEBP', await twoColours().png().toBuffer())).toBe('What was sent is no WEBP.')
  })

  test('what only begins like one is none', async () => {
    const begun = (text: string) => Buffer.from(`${text}${svg}`, 'latin1')
    expect(await fault('PNG', begun('\x89PNG\r\n\x1a\n'))).toBe('The PNG ends too early.')
    expect(await fault('JPEG', begun('\xff\xd8\xff\xe0'))).toMatch(/^The JPEG (is damaged|ends too early)\.$/)
    expect(await fault('WEBP', begun('RIFF\x10\0\0\0WEBP'))).toBe('The picture cannot be read whole.')
  })
})

describe('what is damaged', () => {
  test('a JPEG without its end, be it two bytes', async () => {
    const bytes = await noise(200, 200).jpeg().toBuffer()
    for (const missing of [2, 100, bytes.length / 2, bytes.length - 4]) {
      expect(await fault('JPEG', bytes.subarray(0, bytes.length - missing))).toBe('The JPEG ends too early.')
    }
  })

  test('a picture that lacks what is outside of the square', async () => {
    const rows = Buffer.alloc(900 * 101) // each begins with a byte that says how it is packed
    expect(await fault('PNG', pngOf(100, 1_000, rows))).toBe('The picture cannot be read whole.')
  })

  test('a PNG with another byte in it, or fewer', async () => {
    const bytes = await noise(200, 200).png().toBuffer()
    expect(await fault('PNG', bytes.subarray(0, -1))).toBe('The PNG ends too early.')
    const other = Buffer.from(bytes)
    other[bytes.length / 2] = (other[bytes.length / 2] ?? 0) ^ 0xff
    expect(await fault('PNG', other)).toBe('The picture cannot be read whole.')
    expect(await fault('PNG', pngOf(100, 100, Buffer.alloc(500)))).toBe('The picture cannot be read whole.')
  })

  test('a WebP that says another length', async () => {
    const bytes = await noise(200, 200).webp().toBuffer()
    const saying = (length: number) => {
      const copy = Buffer.from(bytes)
      copy.writeUInt32LE(length, 4)
      return fault('WEBP', copy)
    }
    expect(await saying(bytes.length)).toBe('The WEBP ends too early.')
    expect(await saying(0xff_ff_ff_ff)).toBe('The WEBP ends too early.')
    expect(await saying(100)).toBe('The picture cannot be read whole.')
    expect(await saying(4)).toBe('The picture cannot be read whole.')
  })
})

describe('what is to exhaust the machine', () => {
  const LIMIT = 100_000_000 // bytes, a twentieth of what the first bomb would take
  const tooLarge = 'A picture has 8000 pixels a side at most, and 40 megapixels.'

  test('a PNG of 50,000 by 50,000 pixels is refused by its header', async () => {
    const bomb = pngOf(50_000, 50_000, Buffer.alloc(50_000_000))
    expect(bomb.length).toBeLessThan(60_000)
    expect(await memoryOf(async () => expect(await fault('PNG', bomb)).toBe(tooLarge))).toBeLessThan(LIMIT)
  })

  test.each([
    ['8,001 wide', () => pngOf(8_001, 1, Buffer.alloc(8_002))],
    ['8,001 high', () => pngOf(1, 8_001, Buffer.alloc(16_002))],
    ['41 megapixels', () => pngOf(8_000, 5_125, Buffer.alloc(10))],
    ['2^31 − 1 wide', () => pngOf(0x7fffffff, 0x7fffffff, Buffer.alloc(10))],
  ])('so is one that is %s', async (_, bytes) => {
    expect(await fault('PNG', bytes())).toMatch(/pixels a side|cannot be read/)
  })

  test('a small picture with much behind it is read as far as it goes', async () => {
    const bomb = pngOf(100, 100, Buffer.alloc(400_000_000))
    expect(await memoryOf(() => fault('PNG', bomb))).toBeLessThan(LIMIT)
  })

  test('texts that are packed are not unpacked', async () => {
    const text = Buffer.concat([
      Buffer.from('Comment\0\0'),
      deflateSync(Buffer.alloc(7_900_000), { level: 9 }),
    ])
    const texts = Array.from({ length: 500 }, () => pngChunk('zTXt', text))
    const bomb = pngOf(4, 4, Buffer.alloc(20), texts)
    expect(await memoryOf(() => made('PNG', bomb))).toBeLessThan(LIMIT)
  })

  test('a JPEG of many passes is refused before the first', async () => {
    expect(await made('JPEG', await jpegOfPasses(30))).toHaveLength(4)
    expect(await fault('JPEG', await jpegOfPasses(100))).toBe('The JPEG has too many passes.')
  })

  test('an interlaced PNG that takes too much at once is refused', async () => {
    const flat = sharp({ create: { width: 8_000, height: 5_000, channels: 4, background: 'red' } })
    const bomb = await flat.toColourspace('rgb16').png({ progressive: true }).toBuffer()
    expect(await memoryOf(async () => expect(await fault('PNG', bomb)).toBe(tooLarge))).toBeLessThan(LIMIT)
  }, 60_000)
})
