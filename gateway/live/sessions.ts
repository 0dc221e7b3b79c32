import { randomUUID } from 'node:crypto'
import type { GraphQLFormattedError } from 'graphql'
import type { Caller, Person } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import type { EndedSessions } from '../access/ended-sessions.ts'
import { reasonOf } from '../transport/reason.ts'
import type { Transport } from '../transport/transport.ts'

/** How often users is asked about a session: what it holds ends within a minute of it, whoever is told or not. */
const CHECK = 30_000 // ms

/** Sessions, and API keys, that hold streams open. */
export type Sessions = {
  /** Has `end` called once the session is over. Returns what lets go of it. */
  hold(person: Person, end: () => void): () => void
  close(): void
}

type Answer = { data?: { viewer?: { role?: string } | null } | null; errors?: GraphQLFormattedError[] }

type Session = { person: Person; ends: Set<() => void>; timer: NodeJS.Timeout }

/**
 * Ends what a session holds as soon as it is heard to be over. For what is not heard, the users subgraph is asked every so often
 * (`every`, in ms, and up to a third more) about each session that holds a stream, whatever their number; while it does not answer, or
 * there is none, they go on.
 */
export function watchSessions(options: {
  users: () => Transport | undefined
  every?: number | undefined
  ended: Pick<EndedSessions, 'has' | 'listen' | 'add'>
  logger: Logger
}): Sessions {
  const { users, every = CHECK, ended, logger } = options
  const sessions = new Map<string, Session>()
  const stop = ended.listen((sessionId) => {
    const session = sessions.get(sessionId)
    if (session) endAll(session)
  })

  return {
    hold(person, end) {
      const session = sessions.get(person.sessionId) ?? open(person)
      session.ends.add(end)
      // It may have ended since its token was looked at. Whoever holds it does not know yet how to let go.
      if (ended.has(person.sessionId)) queueMicrotask(() => session.ends.has(end) && end())
      return () => {
        session.ends.delete(end)
        if (session.ends.size === 0) drop(session)
      }
    },
    close() {
      stop()
      for (const session of sessions.values()) drop(session)
    },
  }

  function open(person: Person): Session {
    const session: Session = { person, ends: new Set(), timer: schedule(() => check(session)) }
    sessions.set(person.sessionId, session)
    return session
  }

  async function check(session: Session): Promise<void> {
    const over = await isOver(session.person).catch((error: unknown) => {
      logger.warn({ error: reasonOf(error) }, 'sessions cannot be checked')
      return false
    })
    if (sessions.get(session.person.sessionId) !== session) return
    if (!over) session.timer = schedule(() => check(session))
    else ended.add(session.person.sessionId)
  }

  function endAll(session: Session): void {
    for (const end of [...session.ends]) end()
  }

  function schedule(work: () => Promise<void>): NodeJS.Timeout {
    // Sessions that began together, as after a restart, are not asked about together.
    return setTimeout(() => void work(), every * (1 + Math.random() / 3)).unref()
  }

  function drop(session: Session): void {
    clearTimeout(session.timer)
    if (sessions.get(session.person.sessionId) === session) sessions.delete(session.person.sessionId)
  }

  /** Throws while there is no telling. */
  async function isOver(person: Person): Promise<boolean> {
    const caller: Caller = { identity: asAsked(person), requestId: randomUUID() }
    const body = JSON.stringify({ query: person.isProgram ? '{ viewer { role } }' : '{ viewer { id } }' })
    const text = await users()?.send({ body, kind: 'query', caller })
    if (text === undefined) return false
    const { data, errors } = JSON.parse(text) as Answer // or nothing of the kind, which throws below, or has no viewer
    // With another role a session has another id, and a key other scopes.
    if (data?.viewer) return person.isProgram === true && data.viewer.role !== person.role
    const [error] = errors ?? []
    if (data === undefined && !error) throw new Error('no answer of GraphQL')
    if (!error || error.extensions?.code === 'UNAUTHENTICATED') return true
    throw new Error(error.message)
  }
}

/** What a key is good for does not matter to whether it is good: the gateway asks for itself. */
const asAsked = (person: Person): Person =>
  person.isProgram ? { ...person, scopes: ['account:read'] } : person
