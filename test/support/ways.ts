import { openSocket } from './socket.ts'

/** What a GraphQL request may have, and what none should. */
type Parameters = Record<string, unknown>

type Answer = {
  /** Of HTTP; undefined over WebSocket. */
  status?: number
  data?: unknown
  errors?: { message: string; extensions?: { code?: string } }[]
  /** What a socket was closed with instead of an answer. */
  closed?: number
}

/** Sends an operation and gives what comes first. */
export type Way = (url: string, parameters: Parameters | string, token?: string) => Promise<Answer>

const json = { 'content-type': 'application/json' }
const bearing = (token: string | undefined): Record<string, string> =>
  token ? { authorization: `Bearer ${token}` } : {}
const textOf = (parameters: Parameters | string) =>
  typeof parameters === 'string' ? parameters : JSON.stringify(parameters)

const post: Way = async (url, parameters, token) => {
  const headers = { ...json, ...bearing(token) }
  const response = await fetch(url, { method: 'POST', headers, body: textOf(parameters) })
  return { status: response.status, ...((await response.json()) as Answer) }
}

const get: Way = async (url, parameters, token) => {
  // What is sent as a text is JSON, and may have names that an object would lose.
  const given = typeof parameters === 'string' ? JSON.parse(parameters) : parameters
  const search = Object.entries(given).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  const response = await fetch(`${url}?${new URLSearchParams(search)}`, { headers: bearing(token) })
  return { status: response.status, ...((await response.json()) as Answer) }
}

/** A stream over HTTP of which `first` finds the first result. */
const stream =
  (accept: string, first: RegExp): Way =>
  async (url, parameters, token) => {
    const leaving = new AbortController()
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...json, ...bearing(token), accept },
      body: textOf(parameters),
      signal: leaving.signal,
    })
    const { status } = response
    let text = ''
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      const [, found] = first.exec(text) ?? []
      if (!found) continue
      leaving.abort()
      return { status, ...JSON.parse(found) }
    }
    return { status, ...JSON.parse(text) }
  }

const websocket: Way = async (url, parameters, token) => {
  const socket = await openSocket(url)
  await socket.introduce(token)
  socket.say(`{"id":"1","type":"subscribe","payload":${textOf(parameters)}}`)
  const closed = socket.closed.then((code) => ({ type: 'closed', payload: code }))
  const answer = socket.message(({ id }) => id === '1').catch(() => closed)
  const { type, payload } = await Promise.race([answer, closed])
  socket.cut()
  if (type === 'closed') return { closed: Number(payload) }
  return type === 'error' ? { errors: payload as NonNullable<Answer['errors']> } : (payload as Answer)
}

/** The ways in which a request is answered once. */
export const requests: [string, Way][] = [
  ['POST', post],
  ['GET', get],
]

/** The ways in which subscriptions are. */
export const streams: [string, Way][] = [
  ['WebSocket', websocket],
  ['server-sent events', stream('text/event-stream', /data: ([^\n]*)\n/)],
  ['multipart', stream('multipart/mixed;subscriptionSpec="1.0"', /"payload":({[^\n]*})}\r\n/)],
]
