import { randomUUID } from 'node:crypto'
import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../../platform/database.ts'
import { type Publication, publish } from '../../platform/event-queue.ts'
import { NotYetError } from '../../platform/events.ts'
import type { Person } from '../../platform/identity.ts'
import { isId } from '../../platform/ids.ts'
import { type Refusal, RefusedError, refuse } from '../../platform/refusal.ts'
import { dueAt, renamed } from './announcements.ts'
import { type Competition, competitionOf, openedOf, type Terms } from './competition.ts'
import { refuseErased } from './erased-people.ts'
import type { CreateCompetitionInput, UpdateCompetitionInput } from './generated.ts'
import { invitationRefusal } from './invitation.ts'
import { saveInvitation } from './invitation-store.ts'
import { noSuchCompetition } from './joining.ts'
import { cancelledState, dueStates, isSettled, nextDue, openingOf } from './lifecycle.ts'
import { bringUpToDate, competitionColumns, enter, lock } from './progress.ts'
import { competitions, invitations } from './tables.ts'
import { changeFaults, draftFaults, reasonFaults } from './term-faults.ts'
import { changedTerms, draftedTerms } from './terms.ts'
import { administers, visibleTo } from './visibility.ts'
import { wordsOf } from './words.ts'

/** The least wait before looking again at a competition whose time, by our clock, has not come. */
const PATIENCE = 60_000 // ms

export type CompetitionStore = ReturnType<typeof createCompetitionStore>

/** Competitions and their lifecycle. Refuses with NOT_FOUND what the viewer may not see, and NOT_ALLOWED what is not theirs. */
export function createCompetitionStore(
  db: Database,
  { now, syncGraceMinutes }: { now: () => Date; syncGraceMinutes: number },
) {
  /** Runs `work` on a competition that the viewer organizes, locked and up to date. */
  function change<T>(
    viewer: Person,
    id: string,
    work: (tx: Database, competition: Competition, at: Date) => Promise<T>,
    mayAct = (competition: Competition) => competition.organizerId === viewer.id,
  ): Promise<T> {
    return db.transaction(async (tx) => {
      await refuseErased(tx, viewer.id)
      const competition = isId(id) ? await lock(tx, and(eq(competitions.id, id), visibleTo(viewer))) : null
      if (!competition) throw new RefusedError([noSuchCompetition()])
      if (!mayAct(competition)) refuse('NOT_ALLOWED', 'Only its organizer can do this.')
      // After the wait for the lock.
      const at = now()
      return work(tx, await bringUpToDate(tx, competition, at), at)
    })
  }

  return {
    /** Those of `ids` that exist, in any order; given a condition, those that meet it. */
    async byIds(ids: readonly string[], condition?: SQL): Promise<Competition[]> {
      const rows = await db
        .select(competitionColumns)
        .from(competitions)
        .where(and(inArray(competitions.id, [...ids]), condition))
      return rows.map(competitionOf)
    },

    /** Makes a draft. Refuses its faults. */
    async create(viewer: Person, input: CreateCompetitionInput): Promise<Competition> {
      const terms = draftedTerms(input)
      refuseFaults(draftFaults(terms, now()))
      return db.transaction(async (tx) => {
        await refuseErased(tx, viewer.id)
        const [row] = await tx
          .insert(competitions)
          .values({ ...columnsOfTerms(terms), organizerId: viewer.id, status: 'DRAFT' })
          .returning(competitionColumns)
        return competitionOf(certain(row))
      })
    },

    /** Changes what the input names. Refuses its faults, what is fixed at opening, and COMPETITION_CLOSED at the end. */
    update: (viewer: Person, id: string, input: UpdateCompetitionInput): Promise<Competition> =>
      change(viewer, id, async (tx, competition, at) => {
        if (isSettled(competition.state)) refuse('COMPETITION_CLOSED', 'This competition is over.')
        refuseFaults(changeFaults(competition, input, at))
        const terms = changedTerms(competition, input)
        const told = openedOf(competition.state) !== null && terms.name !== competition.name
        const [row] = await tx
          .update(competitions)
          .set({
            ...columnsOfTerms(terms),
            nameVersion: competition.nameVersion + (told ? 1 : 0),
          })
          .where(eq(competitions.id, id))
          .returning(competitionColumns)
        // A code that was made for what it was before does not work for what it is now.
        if (terms.visibility !== competition.visibility)
          await tx.delete(invitations).where(eq(invitations.competitionId, id))
        const updated = competitionOf(certain(row))
        if (told) await publish(tx, [renamed(updated)])
        return updated
      }),

    /** Opens a draft, and schedules its first step. Refuses faults that came with time, and CONFLICT once it is open. */
    open: (viewer: Person, id: string): Promise<Competition> =>
      change(viewer, id, async (tx, draft, at) => {
        if (draft.state.status !== 'DRAFT') refuse('CONFLICT', 'Only a draft can be opened.')
        refuseFaults(draftFaults(draft, at))
        const opened = await enter(tx, draft, openingOf(draft, syncGraceMinutes, at))
        const due = nextDue(opened)
        if (due) await publish(tx, [dueAt(id, due)])
        return opened
      }),

    /** Calls a competition off, for its organizer or an administrator. Refuses COMPETITION_CLOSED once it is too late. */
    cancel: (viewer: Person, id: string, reason: string): Promise<Competition> =>
      change(
        viewer,
        id,
        async (tx, competition, at) => {
          refuseFaults(reasonFaults(reason.trim()))
          const state = cancelledState(competition.state, reason.trim())
          if (!state) return refuse('COMPETITION_CLOSED', 'It is too late to call this competition off.')
          if (competition.organizerId !== viewer.id)
            await publish(tx, [cancelAudit(viewer, id, reason.trim(), at)])
          return enter(tx, competition, [state])
        },
        (competition) => competition.organizerId === viewer.id || administers(viewer),
      ),

    /** Makes the viewer's one code that works from now on. Refuses what invitationRefusal says. */
    createInvitation: (viewer: Person, id: string): Promise<string> =>
      change(
        viewer,
        id,
        async (tx, competition, at) => {
          const refused = invitationRefusal(competition, viewer)
          if (refused) throw new RefusedError([refused])
          return saveInvitation(tx, { competitionId: id, inviterId: viewer.id }, at)
        },
        () => true,
      ),

    /**
     * Takes every step that is due, in order, and schedules the next. It may run at any time and any number of times:
     * before the time by our clock it looks again no sooner than a minute from now, by the clock that jobs run by.
     */
    step: (id: string): Promise<void> =>
      db.transaction(async (tx) => {
        const competition = isId(id) ? await lock(tx, eq(competitions.id, id)) : null
        if (!competition) return
        const states = dueStates(competition, now())
        const due = nextDue(await enter(tx, competition, states))
        if (!due) return
        const soonest = states.length > 0 ? 0 : (await databaseTime(tx)) + PATIENCE
        await publish(tx, [dueAt(id, new Date(Math.max(due.getTime(), soonest)))])
      }),

    /** Completes a competition whose standings are frozen; `digest` is theirs. Throws NotYetError before that. */
    complete: (id: string, digest: string): Promise<void> =>
      db.transaction(async (tx) => {
        const competition = isId(id) ? await lock(tx, eq(competitions.id, id)) : null
        switch (competition?.state.status) {
          case 'COMPLETED':
          case 'CANCELLED':
            return
          case 'FINALIZING':
            return void (await enter(tx, competition, [
              { ...competition.state, status: 'COMPLETED', digest },
            ]))
          default:
            throw new NotYetError(`competition ${id} is not being finalized`)
        }
      }),
  }
}

function refuseFaults(faults: Refusal[]): void {
  if (faults.length > 0) throw new RefusedError(faults)
}

function columnsOfTerms(terms: Terms) {
  return { ...terms, words: wordsOf(`${terms.name} ${terms.description ?? ''}`) }
}

function cancelAudit(actor: Person, subjectId: string, reason: string, now: Date): Publication {
  return {
    name: 'audit.recorded',
    payload: {
      auditId: randomUUID(),
      at: now.toISOString(),
      actorId: actor.id,
      action: 'competition.cancelled',
      subjectType: 'Competition',
      subjectId,
      details: { reason },
    },
  }
}

/** The clock that jobs run by, in ms. */
async function databaseTime(tx: Database): Promise<number> {
  const { rows } = await tx.execute<{ time: number }>(
    sql`select (extract(epoch from clock_timestamp()) * 1000)::float8 as time`,
  )
  return certain(rows[0]).time
}

/** A write of one row gives it back. */
function certain<Row>(row: Row | undefined): Row {
  if (!row) throw new Error('PostgreSQL gave no row back')
  return row
}
