import { openSocket } from '../support/socket.ts'
import type { Came } from './conformity.ts'
import type { Request } from './requests.ts'

/** How long a stream is listened to that says nothing. */
const SILENCE = 200 // ms

/** What comes first of an answer, with its text; null: a stream that says nothing. */
export function send(url: string, request: Request): Promise<(Came & { text: string }) | null> {
  switch (request.way) {
    case 'WebSocket':
      return watch(url, request)
    case 'SSE':
      return listen(url, request)
    case 'GET':
    case 'POST':
      return ask(url, request)
  }
}

const accept = 'application/graphql-response+json'

const headersOf = ({ caller }: Request, more: Record<string, string>) => {
  const token = caller.token()
  return { ...more, ...(token !== undefined && { authorization: `Bearer ${token}` }) }
}

async function ask(url: string, request: Request) {
  const { way, sent, body } = request
  const search = () =>
    new URLSearchParams({ query: String(sent.query), variables: JSON.stringify(sent.variables ?? {}) })
  const response =
    way === 'GET'
      ? await fetch(`${url}?${search()}`, { headers: headersOf(request, { accept }) })
      : await fetch(url, {
          method: 'POST',
          headers: headersOf(request, { accept, 'content-type': 'application/json' }),
          body: body ?? JSON.stringify(sent),
        })
  const text = await response.text()
  return { status: response.status, body: parsed(text), text }
}

async function listen(url: string, request: Request) {
  const leaving = new AbortController()
  const response = await fetch(url, {
    method: 'POST',
    headers: headersOf(request, { accept: 'text/event-stream', 'content-type': 'application/json' }),
    body: JSON.stringify(request.sent),
    signal: leaving.signal,
  })
  const { status } = response
  if (status !== 200) {
    const text = await response.text()
    return { status, body: parsed(text), text }
  }
  const silence = setTimeout(() => leaving.abort(), SILENCE)
  let text = ''
  try {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      const [, found] = /event: next\ndata: ([^\n]*)\n/.exec(text) ?? []
      if (found) return { body: parsed(found), text }
    }
    return null
  } catch {
    return null
  } finally {
    clearTimeout(silence)
    leaving.abort()
  }
}

async function watch(url: string, { caller, sent }: Request) {
  const socket = await openSocket(url)
  try {
    const closed = socket.closed.then((code) => ({ type: 'closed', payload: code as unknown }))
    await Promise.race([socket.introduce(caller.token()), closed])
    socket.say({ id: '1', type: 'subscribe', payload: sent })
    const silent = new Promise<null>((resolve) => setTimeout(() => resolve(null), SILENCE))
    const first = socket.message(({ id, type }) => id === '1' && type !== 'complete').catch(() => closed)
    const came = await Promise.race([first, closed, silent])
    if (came === null) return null
    const { type, payload } = came
    if (type === 'closed') return closedAs(Number(payload))
    const body = type === 'error' ? { errors: payload } : payload
    return { body, text: JSON.stringify(body) }
  } finally {
    socket.cut()
  }
}

/** Who may not come in is told by the code alone. */
function closedAs(code: number) {
  const extensions = { code: code === 4403 ? 'UNAUTHENTICATED' : `closed with ${code}` }
  return { body: { errors: [{ message: `closed with ${code}`, extensions }] }, text: '' }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
