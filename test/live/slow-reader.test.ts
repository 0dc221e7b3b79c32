import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { openForeign } from '../../gateway/test-support/foreign.ts'
import { startProcess } from '../support/processes.ts'
import { openViewer, type Viewer } from '../support/viewer.ts'

/** Changes while one reader does not read, as fast as their source goes; and as many before, while all read. */
const CHANGES = 60_000
/** Changes one after the other, each of which the other readers get. */
const SINGLE = 100
const OTHERS = 2
/** What a frame holds beside its number: enough that the network holds back a small part of the frames alone. */
const FILLING = 'x'.repeat(8_000)
/** What the buffers of the network between two processes of a machine may hold, generously. */
const NETWORK = 16_000_000 // bytes

const WATCH = 'subscription { counted { number filling } }'

type Counted = { counted: { number: number } }
type Reader = Viewer<Counted> & { frames(): number }

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

test('a reader who stops reading costs neither memory nor the others a frame, and goes on with the latest', async () => {
  const counter = createCounter()
  const foreign = await openForeign({ counter: counter.subgraph })
  closers.push(() => foreign.close())
  const directory = await mkdtemp(join(tmpdir(), 'podium-slow-reader-'))
  closers.push(() => rm(directory, { recursive: true }))
  const supergraph = join(directory, 'supergraph.graphql')
  await writeFile(supergraph, foreign.sdl())
  const gateway = await startProcess('gateway/main.ts', [], {
    NODE_ENV: 'development',
    LOG_LEVEL: 'error',
    PORT: '0',
    SUPERGRAPH: supergraph,
    SUBGRAPH_SIGNING: 'off',
  })
  closers.push(() => gateway.end('SIGKILL'))

  const readers = Array.from({ length: OTHERS + 1 }, () => openReader(gateway.url))
  const [slow, ...others] = readers as [Reader, ...Reader[]]
  closers.push(() => Promise.all(readers.map((reader) => reader.leave())))
  await Promise.all(readers.map((reader) => reader.until(() => true)))

  const isLatest = ({ counted }: Counted) => counted.number === counter.latest()
  const usual = await load(readers)
  slow.pause()
  const stuck = await load(others)
  const before = slow.frames()
  slow.resume()
  await slow.until(isLatest)
  const caughtUp = slow.frames() - before

  expect(stuck.memory).toBeLessThan(1.1 * usual.memory)
  expect(stuck.shown).toEqual(others.map(() => SINGLE))
  expect(caughtUp).toBeLessThan(NETWORK / FILLING.length)

  /** Changes at full speed, then one by one; gives the most memory that the gateway took, and how many of the latter each reader was shown. */
  async function load(reading: Reader[]) {
    let memory = 0 // bytes
    const sampling = setInterval(() => {
      memory = Math.max(memory, residentMemory(gateway.pid))
    }, 20)
    counter.count(CHANGES)
    await Promise.all(reading.map((reader) => reader.until(isLatest)))
    clearInterval(sampling)
    const before = reading.map((reader) => reader.frames())
    for (let index = 0; index < SINGLE; index += 1) {
      counter.count(1)
      await Promise.all(reading.map((reader) => reader.until(isLatest)))
    }
    return { memory, shown: reading.map((reader, index) => reader.frames() - (before[index] ?? 0)) }
  }
}, 300_000)

function openReader(url: string): Reader {
  let frames = 0
  const onFrame = () => {
    frames += 1
  }
  const viewer = openViewer<Counted>(url, { query: WATCH }, { onFrame })
  return { ...viewer, frames: () => frames }
}

/** A subgraph with one subscription, every reader of which gets every number: as many events as it counts to. */
function createCounter() {
  let latest = 0
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const resume of waiting) resume()
    waiting.clear()
  }
  const subscribe = () => {
    let number = latest - 1
    let isOpen = true
    return {
      async next() {
        while (isOpen && number === latest) await new Promise<void>((resolve) => waiting.add(resolve))
        if (!isOpen) return { done: true, value: undefined }
        number += 1
        return { done: false, value: { counted: { number, filling: FILLING } } }
      },
      async return() {
        isOpen = false
        wake()
        return { done: true, value: undefined }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
  return {
    latest: () => latest,
    count(more: number) {
      latest += more
      wake()
    },
    subgraph: {
      typeDefs: `
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
        type Query { latest: Int! }
        type Count { number: Int! filling: String! }
        type Subscription { counted: Count! }
      `,
      resolvers: { Query: { latest: () => latest }, Subscription: { counted: { subscribe } } },
    },
  }
}

/** Memory of a process that is in RAM, in bytes. */
function residentMemory(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1_024
}
