import { randomUUID } from 'node:crypto'
import type { GraphQLFormattedError } from 'graphql'
import type { Caller, Person } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import { reasonOf } from '../transport/reason.ts'
import type { Transport } from '../transport/transport.ts'

/** Sessions that hold sockets open. */
export type Sessions = {
  /** Has `end` called once the session is over. Returns what lets go of it. */
  hold(person: Person, end: () => void): () => void
  close(): void
}

type Answer = { data?: { viewer?: object | null } | null; errors?: GraphQLFormattedError[] }

type Session = { person: Person; ends: Set<() => void>; timer: NodeJS.Timeout }

/**
 * Asks the users subgraph every so often (`every`, in ms, and up to a third more) about each session that holds a socket, whatever their
 * number, and ends them when it is over. While the subgraph does not answer, or there is none, they go on.
 */
export function watchSessions(options: {
  users: () => Transport | undefined
  every: number
  logger: Logger
}): Sessions {
  const { users, every, logger } = options
  const sessions = new Map<string, Session>()

  return {
    hold(person, end) {
      const session = sessions.get(person.sessionId) ?? open(person)
      session.ends.add(end)
      return () => {
        session.ends.delete(end)
        if (session.ends.size === 0) drop(session)
      }
    },
    close() {
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
    else {
      drop(session) // who comes with it again before these have closed is asked about anew
      for (const end of [...session.ends]) end()
    }
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
    const caller: Caller = { identity: person, requestId: randomUUID() }
    const text = await users()?.send({ body: '{"query":"{ viewer { id } }"}', kind: 'query', caller })
    if (text === undefined) return false
    const { data, errors } = JSON.parse(text) as Answer // or nothing of the kind, which throws below, or has no viewer
    if (data?.viewer) return false
    const [error] = errors ?? []
    if (data === undefined && !error) throw new Error('no answer of GraphQL')
    if (!error || error.extensions?.code === 'UNAUTHENTICATED') return true
    throw new Error(error.message)
  }
}
