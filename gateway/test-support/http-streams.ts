import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach } from '@jest/globals'
import { buildSchema } from 'graphql'
import { unauthenticated } from '../../platform/errors.ts'
import type { Identity } from '../../platform/identity.ts'
import type { Authenticator } from '../access/credentials.ts'
import { createSocketQuota } from '../access/socket-quota.ts'
import { createTestStreams, engineOf, limits, openFront } from './front.ts'

export const query = 'subscription { ticks }'
export const SSE = 'text/event-stream'
export const PARTS = 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json'
export const NEVER = 1_000_000 // ms

export const ann: Identity = { kind: 'person', id: 'ann', role: 'USER', scopes: [], sessionId: 'of ann' }
export const signedIn = { authorization: 'Bearer ann' }

export type StreamRequest = { accept: string; body?: object; headers?: Record<string, string> }

/** A subscription as it is written to a socket. */
export const rawRequest = (version = '1.1', headers = '') =>
  `GET /graphql?query=${encodeURIComponent(query)} HTTP/${version}\r\nhost: podium\r\naccept: ${SSE}\r\n${headers}\r\n`

/** A result of it. */
export const ticks = (ticks: number) => JSON.stringify({ data: { ticks } })

const schema = buildSchema(`
  type Query { hello: String }
  type Mutation { change: Int }
  type Subscription { ticks: Int }
`)

/** What opens a front for one test of a file, and has it closed after that test. */
export function streamFronts() {
  let close = async () => {}
  afterEach(() => close())
  return async (options: Parameters<typeof openStreamFront>[0] = {}) => {
    const opened = await openStreamFront(options)
    close = opened.front.close
    return opened
  }
}

/** A front whose streams show what a test shows, and what asks it. */
async function openStreamFront({
  heartbeat = NEVER,
  patience = NEVER,
  expiresAt = null as Date | null,
  timeouts = {},
} = {}) {
  const test = createTestStreams()
  /** What ends the sessions that hold streams. */
  const ends = new Set<() => void>()
  const keys = createGate()
  const authenticator: Authenticator = {
    async authenticate(authorization) {
      if (authorization === 'Bearer later') await keys.pass()
      else if (authorization === signedIn.authorization) return { identity: ann, expiresAt }
      else if (authorization !== undefined) throw unauthenticated()
      return { identity: { kind: 'anonymous' }, expiresAt: null }
    },
    close() {},
  }
  const { engine } = engineOf(schema, { rootValue: { hello: 'hello', change: 1 } })
  const quota = createSocketQuota(limits)
  const front = await openFront(() => engine, {
    authenticator,
    timeouts,
    live: {
      streams: test.streams,
      quota,
      sessions: {
        hold(_, end) {
          ends.add(end)
          return () => void ends.delete(end)
        },
        close() {},
      },
      times: { heartbeat: { sse: heartbeat, multipart: heartbeat }, patience },
    },
  })
  const { hostname, port } = new URL(front.url)

  /** A socket that a request is written to byte by byte. */
  async function write(text: string): Promise<Socket> {
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    socket.write(text)
    return socket
  }

  return {
    ...test,
    front,
    ends,
    keys,
    quota,
    write,
    /** Both ends of a connection whose client reads nothing. */
    async paused(): Promise<{ mine: Socket; theirs: Socket }> {
      const accepted = once(front.app.server, 'connection')
      const mine = await write(rawRequest())
      mine.pause()
      const [theirs] = await accepted
      return { mine, theirs }
    },
    /** Subscribes by GET. */
    get: (headers: Record<string, string> = {}, method = 'GET') =>
      fetch(`${front.url}?${new URLSearchParams({ query })}`, {
        method,
        headers: { accept: SSE, ...headers },
      }),
    /** Subscribes by POST. */
    async subscribe({ accept, body = { query }, headers = {} }: StreamRequest) {
      const leaving = new AbortController()
      const response = await fetch(front.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept, ...headers },
        body: JSON.stringify(body),
        signal: leaving.signal,
      })
      return { response, ...readerOf(response), leave: () => leaving.abort() }
    },
  }
}

/** Holds up who passes it with the token `later`, until they may. */
function createGate() {
  const gate = {
    isWaiting: false,
    come() {},
    pass(): Promise<void> {
      gate.isWaiting = true
      return new Promise((resolve) => {
        gate.come = resolve
      })
    },
  }
  return gate
}

function readerOf({ body }: Response) {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  const read = async () => (await reader?.read()) ?? { done: true, value: undefined }
  return {
    /** What comes until this is in it. */
    async until(end: string): Promise<string> {
      let text = ''
      while (!text.includes(end)) {
        const { done, value } = await read()
        if (done) throw new Error(`it ended: ${text}`)
        text += value
      }
      return text
    },
    /** What comes until there is no more. */
    async rest(): Promise<string> {
      let text = ''
      for (;;) {
        const { done, value } = await read()
        if (done) return text
        text += value
      }
    },
  }
}
