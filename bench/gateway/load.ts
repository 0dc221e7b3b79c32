import { connect } from 'node:net'
import { createReader } from '../http1.ts'
import { cpuSeconds, type Memory, memoryOf } from '../usage.ts'

/** What the load generator is asked to do: the same request, again and again, to a gateway of this process. */
export type Job = {
  pid: number
  port: number
  body: string
  connections: number
  /** In ms, before anything counts. */
  warmUp: number
  /** In ms. */
  duration: number
}

export type Outcome = {
  /** Of the time that counted. */
  perSecond: number
  /** In ms. */
  median: number
  p99: number
  /** The gateway's share of a core, 0 to 1. */
  cpu: number | null
  memory: Memory | null
  /** Requests in all, warm-up included. */
  sent: number
  /** Bodies of the first and the last answer. */
  first: string
  last: string
  /** Why the figures count for nothing. */
  failure: string | null
}

const READ_BUFFER = 262_144 // bytes
/** Longest that answers may stay away at the end. */
const PATIENCE = 15_000 // ms

process.on('message', async (job: Job) => {
  const outcome = await run(job).catch((error: unknown) => ({ failure: String(error) }))
  process.send?.(outcome)
})
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => {}) // the command ends it

async function run(job: Job): Promise<Outcome> {
  const { pid, warmUp, duration } = job
  const first = await answerOf(job)
  const load = startLoad(job, first.length)
  await wait(warmUp)
  const cpuBefore = cpuSeconds(pid)
  const began = performance.now()
  load.count()
  await wait(duration)
  const cpuAfter = cpuSeconds(pid)
  const seconds = (performance.now() - began) / 1000
  const latencies = load.stop().sort()
  const memory = memoryOf(pid)
  await load.ended
  const last = await answerOf(job)
  return {
    perSecond: latencies.length / seconds,
    median: latencies[Math.floor(latencies.length / 2)] ?? Number.NaN,
    p99: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
    cpu: cpuBefore === null || cpuAfter === null ? null : (cpuAfter - cpuBefore) / seconds,
    memory,
    sent: load.sent() + 2,
    first: first.body,
    last: last.body,
    failure: load.failure(),
  }
}

/** Keeps every connection busy with one request at a time; each answer has to be a 200 of this length. */
function startLoad(job: Job, length: number) {
  const request = requestOf(job)
  let state: 'warming up' | 'counting' | 'stopped' = 'warming up'
  let failure: string | null = null
  let sent = 0
  const latencies: number[] = []

  function open(): Promise<void> {
    return new Promise((resolve) => {
      let began = 0
      const send = () => {
        sent++
        began = performance.now()
        socket.write(request)
      }
      const read = createReader({
        keepsBody: () => false,
        onMessage(head, received) {
          if (!isOk(head) || received !== length) {
            failure ??= `${head.split('\r\n')[0]}, ${received} bytes instead of ${length}`
          }
          if (state === 'counting') latencies.push(performance.now() - began)
          if (state === 'stopped' || failure) socket.end()
          else send()
        },
      })
      const socket = connect({
        host: '127.0.0.1',
        port: job.port,
        noDelay: true,
        onread: { buffer: Buffer.allocUnsafe(READ_BUFFER), callback: onRead },
      })
      function onRead(bytes: number, buffer: Uint8Array): boolean {
        read(Buffer.from(buffer.buffer, buffer.byteOffset, bytes))
        return true
      }
      socket.setTimeout(PATIENCE, () => socket.destroy(new Error('no answer')))
      socket.on('connect', send)
      socket.on('error', (error) => {
        failure ??= error.message
      })
      socket.on('close', () => {
        if (state !== 'stopped') failure ??= 'the gateway closed a connection'
        resolve()
      })
    })
  }

  return {
    ended: Promise.all(Array.from({ length: job.connections }, open)),
    count() {
      state = 'counting'
    },
    /** The latencies that were counted. */
    stop(): Float64Array {
      state = 'stopped'
      return Float64Array.from(latencies)
    },
    sent: () => sent,
    failure: () => failure,
  }
}

/** One answer, whole. Rejects for what is no 200. */
function answerOf(job: Job): Promise<{ length: number; body: string }> {
  return new Promise((resolve, reject) => {
    const read = createReader({
      keepsBody: () => true,
      onMessage(head, length, body) {
        socket.end()
        const text = Buffer.from(body, 'latin1').toString()
        if (isOk(head)) resolve({ length, body: text })
        else reject(new Error(`${head.split('\r\n')[0]}: ${text.slice(0, 200)}`))
      },
    })
    const socket = connect(job.port, '127.0.0.1', () => socket.write(requestOf(job)))
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error('no answer')))
    socket.on('data', read)
    socket.on('error', reject)
  })
}

function requestOf({ port, body }: Job): Buffer {
  const head = [
    'POST /graphql HTTP/1.1',
    `host: 127.0.0.1:${port}`,
    'content-type: application/json',
    'accept: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function isOk(head: string): boolean {
  return head.startsWith('HTTP/1.1 200 ')
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
