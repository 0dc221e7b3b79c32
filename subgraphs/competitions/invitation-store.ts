import { and, desc, eq, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import type { Competition } from './competition.ts'
import { hashInvitationCode, newInvitationCode } from './invitation.ts'
import type { Span } from './listing-store.ts'
import { invitations, participations, profiles } from './tables.ts'

/** That somebody invites to a competition. */
export type Invitation = {
  competitionId: string
  /** When the code that works was made. */
  createdAt: Date
  /** How many are in it who came by their codes. */
  joinedCount: number
}

export type InvitationStore = ReturnType<typeof createInvitationStore>

/** What invitations have come to. A person counts for whose code they came by the first time, while they are in it. */
export function createInvitationStore(db: Database) {
  return {
    /** What this person invites to, latest code first. */
    by: (inviterId: string, { limit, after }: Span): Promise<Invitation[]> =>
      db
        .select({
          competitionId: invitations.competitionId,
          createdAt: invitations.createdAt,
          joinedCount: sql<number>`(select count(*) from ${participations}
            where ${participations.invitedBy} = ${invitations.inviterId}
              and ${participations.competitionId} = ${invitations.competitionId}
              and ${participations.status} = 'JOINED')`.mapWith(Number),
        })
        .from(invitations)
        .where(
          and(
            eq(invitations.inviterId, inviterId),
            after
              ? sql`(${invitations.createdAt}, ${invitations.competitionId})
                  < (to_timestamp(${after.time}::float8 / 1000), ${after.id}::uuid)`
              : undefined,
          ),
        )
        .orderBy(desc(invitations.createdAt), desc(invitations.competitionId))
        .limit(limit),

    /** To how many competitions this person invites. */
    countBy: (inviterId: string): Promise<number> =>
      db.$count(invitations, eq(invitations.inviterId, inviterId)),

    /** How many places in all competitions are taken by whom this person invited. */
    countInvited: (inviterId: string): Promise<number> =>
      db.$count(
        participations,
        and(eq(participations.invitedBy, inviterId), eq(participations.status, 'JOINED')),
      ),
  }
}

/** Makes somebody's code for a competition, in place of the one that they had. */
export async function saveInvitation(
  tx: Database,
  invitation: { competitionId: string; inviterId: string },
  createdAt: Date,
): Promise<string> {
  const code = newInvitationCode()
  const codeHash = hashInvitationCode(code)
  await tx
    .insert(invitations)
    .values({ ...invitation, codeHash, createdAt })
    .onConflictDoUpdate({
      target: [invitations.competitionId, invitations.inviterId],
      set: { codeHash, createdAt },
    })
  return code
}

/** Who invites to a competition with this code; null where it does not work, or its owner may not invite now. */
export async function inviterBy(
  tx: Database,
  { id, visibility }: Competition,
  code: string,
): Promise<string | null> {
  const [row] = await tx
    .select({ inviterId: invitations.inviterId, mayInvite: profiles.mayInvite })
    .from(invitations)
    .leftJoin(profiles, eq(profiles.userId, invitations.inviterId))
    .where(and(eq(invitations.competitionId, id), eq(invitations.codeHash, hashInvitationCode(code))))
  return row && (visibility === 'INVITATION' || row.mayInvite) ? row.inviterId : null
}
