import { z } from 'zod'
import { type SubgraphName, subgraphNames } from './names.ts'
import { PROFILE_VISIBILITIES } from './profile-visibility.ts'

const id = z.string()
const instant = z.iso.datetime()

const metric = z.enum(['STEPS', 'DISTANCE', 'ACTIVE_ENERGY', 'ACTIVE_MINUTES', 'ELEVATION'])

const competition = z.object({
  competitionId: id,
  name: z.string(),
  metric,
  visibility: z.enum(['PUBLIC', 'INVITATION']),
  organizerId: id,
  startsAt: instant,
  endsAt: instant,
})

/**
 * Every participation has a version, up with each change, so that events about it may come twice, late or out of
 * order: whoever keeps a projection writes only what is newer.
 */
const participation = z.object({
  competitionId: id,
  userId: id,
  version: z.int(),
  metric,
  startsAt: instant,
  endsAt: instant,
  /** Whether records entered by hand are ranked. */
  countsManual: z.boolean(),
})

const profile = z.object({
  userId: id,
  displayName: z.string(),
  timeZone: z.string(),
  version: z.int(),
  visibility: z.enum(PROFILE_VISIBILITIES).default('PUBLIC'),
  /** Whether their codes invite to public competitions. */
  mayInvite: z.boolean().default(false),
})

/** Events by name: what they carry, and which subgraphs handle them. */
export const events = {
  'user.joined': event(profile, ['competitions', 'fitness', 'notifications']),
  'user.profile_changed': event(profile, ['competitions', 'fitness', 'notifications']),
  'audit.recorded': event(
    z.object({
      /** Makes the entry count once. */
      auditId: id,
      at: instant,
      actorId: id.nullable(),
      action: z.string(),
      subjectType: z.string(),
      subjectId: id,
      details: z.record(z.string(), z.unknown()),
    }),
    ['users'],
  ),
  /** Somebody asks for another password, whether or not the address has an account; `token` is what a mail would carry. */
  'password_reset.requested': event(
    z.object({ email: z.string(), token: z.string(), at: instant }),
    ['users'],
    ['email', 'token'],
  ),
  /** A mail to a person, sent once for each `emailId`. */
  'email.requested': event(
    z.object({
      emailId: id,
      userId: id,
      to: z.string(),
      kind: z.enum(['VERIFY_EMAIL', 'RESET_PASSWORD', 'PASSWORD_CHANGED', 'EXPORT_READY']),
      /** What the mail is about, where it leads somewhere. */
      link: z.string().nullable(),
      at: instant,
      /** From when on the link leads nowhere; left out, it always leads there. */
      expiresAt: instant.optional(),
    }),
    ['notifications'],
    ['to', 'link'],
  ),
  /** A person's account is no more: what is about them goes, or is kept under no name. Nothing of theirs comes after it. */
  'user.erased': event(z.object({ userId: id, at: instant }), [
    'users',
    'competitions',
    'fitness',
    'notifications',
  ]),
  /** A person asks for all that is held about them: each subgraph puts its part into the object store (export.ts). */
  'export.requested': event(z.object({ exportId: id, userId: id, at: instant }), subgraphNames),
  'export.gathered': event(z.object({ exportId: id, subgraph: z.enum(subgraphNames) }), ['users']),
  /** The archive is there. */
  'export.ready': event(z.object({ exportId: id, userId: id, at: instant }), ['notifications']),
  /** The archive is to be deleted; scheduled when it is asked for. */
  'export.expired': event(z.object({ exportId: id }), ['users']),
  /** Access tokens of these sessions are good no longer; and API keys, by their ids, may be. */
  'sessions.ended': event(z.object({ sessionIds: z.array(id), at: instant }), ['users']),
  /** Something may be due in the schedule of the keys that access tokens are signed with. */
  'signing_keys.due': event(z.object({}), ['users']),

  /** A step of a competition's lifecycle may be due; scheduled in the transaction that set its times. */
  'competition.due': event(z.object({ competitionId: id }), ['competitions']),
  'competition.opened': event(competition, ['leaderboard', 'notifications']),
  /** A change after opening that others keep a copy of: the name. */
  'competition.renamed': event(z.object({ competitionId: id, name: z.string(), version: z.int() }), [
    'notifications',
  ]),
  'competition.started': event(z.object({ competitionId: id }), ['notifications']),
  'competition.closed': event(z.object({ competitionId: id }), ['leaderboard', 'notifications']),
  /** The time for late syncs is over. `participationVersions` is the sum that a complete projection arrives at. */
  'competition.finalized': event(z.object({ competitionId: id, participationVersions: z.int() }), [
    'fitness',
  ]),
  'competition.completed': event(z.object({ competitionId: id }), ['notifications']),
  'competition.cancelled': event(z.object({ competitionId: id, reason: z.string() }), [
    'fitness',
    'leaderboard',
    'notifications',
  ]),
  'participant.joined': event(participation, ['users', 'leaderboard', 'fitness', 'notifications']),
  'participant.left': event(participation, ['users', 'leaderboard', 'fitness', 'notifications']),

  /** A person's whole score in a competition; null when nothing counts any more. */
  'score.computed': event(
    z.object({
      competitionId: id,
      userId: id,
      score: z.int().nullable(),
      achievedAt: instant.nullable(),
      version: z.int(),
    }),
    ['leaderboard'],
  ),
  /** No score of this competition will change any more. `scoreVersions` is the sum that complete standings arrive at. */
  'scores.sealed': event(z.object({ competitionId: id, scoreVersions: z.int() }), ['leaderboard']),

  /** Someone passed others; at most the hundred directly behind the new place are named, nearest first. */
  'standing.changed': event(
    z.object({ competitionId: id, userId: id, version: z.int(), overtaken: z.array(id) }),
    ['notifications'],
  ),
  /** The standings are final; `digest` is the SHA-256 of them in their canonical form. */
  'board.frozen': event(z.object({ competitionId: id, digest: z.string() }), ['competitions']),
} satisfies Record<string, Event>

type Event = {
  payload: z.ZodType
  handledBy: readonly SubgraphName[]
  /** What of the payload neither logs nor lists of dead events show. */
  confidential: readonly string[]
}

export type EventName = keyof typeof events

export type EventPayload<Name extends EventName> = z.infer<(typeof events)[Name]['payload']>

/**
 * What a subgraph does about the events that it handles. An event comes at least once, and not always in order: a
 * handler leaves the same behind however often it runs. Throwing has it tried again later.
 */
export type EventHandlers = {
  [Name in EventName]?: (payload: EventPayload<Name>) => Promise<void>
}

/** Thrown by a handler whose event came before what it builds on; tried again soon, and no reason for an alarm. */
export class NotYetError extends Error {}

function event<Payload extends z.ZodType, Names extends readonly SubgraphName[]>(
  payload: Payload,
  handledBy: Names,
  confidential: readonly (keyof z.infer<Payload> & string)[] = [],
) {
  return { payload, handledBy, confidential }
}

/** A payload as it may be shown to operators: without what is confidential in it. */
export function shownPayload(name: string, payload: unknown): unknown {
  const known: Record<string, Event> = events
  const { confidential = [] } = known[name] ?? {}
  if (confidential.length === 0 || typeof payload !== 'object' || payload === null) return payload
  return Object.fromEntries(Object.entries(payload).filter(([field]) => !confidential.includes(field)))
}
