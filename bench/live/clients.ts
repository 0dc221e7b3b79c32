import { setPriority } from 'node:os'
import { faultIn, stampIn } from './frame.ts'
import { type Counts, createHistogram } from './histogram.ts'
import { openSocket, type Socket } from './socket.ts'

/** What a process of clients is asked. */
export type Task =
  | {
      do: 'connect'
      port: number
      path: string
      sockets: number
      query: string
      checked: number
      limit: number
    }
  /** Frames published from here on count, in µs. */
  | { do: 'count'; from: number }
  /** How many have the frame that was published last. */
  | { do: 'progress'; last: number }
  | { do: 'collect' }
  | { do: 'close' }

/** How many are connected, and why not all. */
export type Connected = { connected: number; failure: string | null }
export type Progress = { frames: number; upToDate: number }

export type Collected = {
  delays: Counts
  /** Of each change: its stamp, how many sockets got it, and the longest delay, in µs. */
  events: [stamp: number, sockets: number, longest: number][]
  /** Frames that were read whole. */
  checked: number
  /** Why the figures count for nothing. */
  failure: string | null
}

/** How many sockets of a process may be on their way at once: gateways limit those who have not introduced themselves. */
const IN_FLIGHT = 25

/** What a socket knows of itself. */
type Reader = { socket: Socket; latest: number; isChecked: boolean }

const readers = new Set<Reader>()
const histogram = createHistogram()
const events = new Map<number, { sockets: number; longest: number }>()
let from = Number.POSITIVE_INFINITY
let [frames, checked] = [0, 0]
let failure: string | null = null
let isClosing = false
/** The event that the last frame was of, since most are of the same as the one before. */
let current = { stamp: 0, event: { sockets: 0, longest: 0 } }

setPriority(5) // what publishes and what is asked by gateways share this core, and go first
process.on('message', async (task: Task) => process.send?.(await answer(task)))
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => {}) // the command ends it

async function answer(task: Task): Promise<object> {
  switch (task.do) {
    case 'connect':
      await connectAll(task)
      return { connected: readers.size, failure } satisfies Connected
    case 'count':
      from = task.from
      return {}
    case 'progress': {
      const upToDate = [...readers].filter(({ latest }) => latest === task.last).length
      return { frames, upToDate } satisfies Progress
    }
    case 'collect': {
      const all = [...events].map(([stamp, { sockets, longest }]) => [stamp, sockets, longest] as const)
      const delays = histogram.counts()
      return { delays, events: all as Collected['events'], checked, failure } satisfies Collected
    }
    case 'close':
      close()
      return {}
  }
}

/** Connects some at a time; stops at the first that cannot be, or when the limit has passed. */
async function connectAll(task: Extract<Task, { do: 'connect' }>): Promise<void> {
  const { sockets, checked, limit } = task
  const deadline = performance.now() + limit
  const every = Math.max(1, Math.floor(sockets / Math.max(1, checked)))
  let begun = 0
  isClosing = false
  const one = async () => {
    while (begun < sockets && !failure) {
      const isChecked = begun % every === 0 && begun < every * checked
      begun++
      const left = deadline - performance.now()
      await subscribe(task, isChecked, left).catch((error: Error) => {
        failure ??= error.message
      })
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, one))
}

/** Resolves when a socket has got its first frame. */
async function subscribe(
  { port, path, query }: Extract<Task, { do: 'connect' }>,
  isChecked: boolean,
  limit: number,
) {
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  ready.catch(() => {}) // awaited only once it is open
  const late = setTimeout(() => reject(new Error('a socket got no first frame in time')), Math.max(0, limit))
  let reader: Reader | undefined
  const opening = openSocket(port, path, {
    onMessage(data, start, end, at) {
      const stamp = stampIn(data, start, end)
      if (stamp === null) return onOther(data.toString('utf8', start, end))
      if (reader === undefined) return
      if (reader.latest === 0) resolve()
      onFrame(reader, stamp, at)
      if (!reader.isChecked) return
      checked++
      failure ??= faultIn(data.toString('utf8', start, end), stamp)
    },
    onClose(reason) {
      reject(new Error(reason))
      if (!isClosing) failure ??= `a socket was lost: ${reason}`
    },
  })
  try {
    const socket = await Promise.race([opening, ready.then(() => opening)])
    reader = { socket, latest: 0, isChecked }
    readers.add(reader)
    socket.send('{"type":"connection_init"}')
    await ready
  } catch (error) {
    opening.then((socket) => socket.close()).catch(() => {})
    throw error
  } finally {
    clearTimeout(late)
  }

  function onOther(message: string): void {
    const { type } = JSON.parse(message)
    if (type === 'connection_ack') {
      reader?.socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }))
    } else if (type === 'ping') reader?.socket.send('{"type":"pong"}')
    else if (type !== 'pong') {
      failure ??= `instead of a frame came ${message.slice(0, 300)}`
      reject(new Error(failure))
    }
  }
}

function onFrame(reader: Reader, stamp: number, at: number): void {
  frames++
  if (stamp <= reader.latest) return
  reader.latest = stamp
  if (stamp < from) return
  const delay = at - stamp
  if (delay < 0) failure ??= 'a frame arrived before it was published: clocks differ'
  histogram.note(delay)
  if (current.stamp !== stamp) {
    current = { stamp, event: events.get(stamp) ?? { sockets: 0, longest: 0 } }
    events.set(stamp, current.event)
  }
  current.event.sockets++
  if (delay > current.event.longest) current.event.longest = delay
}

/** Closes all, and is ready for the next gateway. */
function close(): void {
  isClosing = true
  for (const { socket } of readers) socket.close()
  readers.clear()
  histogram.clear()
  events.clear()
  from = Number.POSITIVE_INFINITY
  frames = checked = 0
  failure = null
}
