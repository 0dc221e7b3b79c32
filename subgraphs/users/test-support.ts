import { randomUUID } from 'node:crypto'
import { openQueuePool } from '../../platform/event-queue.ts'
import { RefusedError } from '../../platform/refusal.ts'
import { openTestStore } from '../../test/support/stores.ts'
import { createAccountMails } from './emails/account-mails.ts'
import { createUserStore, type SignUp } from './store.ts'

/** The mails of accounts whose app is at app.example. */
export const mails = createAccountMails('https://app.example')

export const PASSWORD = 'violet kayak on the ridge'

/** A fresh database of the subgraph's, with what was published in it. */
export async function openUsersStore() {
  const store = await openTestStore('users')
  const queue = openQueuePool(store.url, {}, () => {})
  return {
    ...store,

    /** What was published, as the queue's owner. */
    queue,

    /** Opens an account of its own. */
    signUp: (change: Partial<SignUp> = {}, now = new Date('2026-05-01T08:00:00Z')) =>
      createUserStore(store.db, mails).signUp(
        {
          email: `${randomUUID()}@example.com`,
          password: PASSWORD,
          displayName: 'Ada',
          timeZone: 'Europe/London',
          ...change,
        },
        now,
      ),

    /** The payloads of an event, in the order in which they were published. */
    async published<Payload = Record<string, unknown>>(name: string): Promise<Payload[]> {
      const { rows } = await queue.query<{ payload: Payload }>(
        'select payload from events._private_jobs job join events._private_tasks task on task.id = task_id where identifier like $1 order by job.id',
        [`%/${name}`],
      )
      return rows.map((row) => row.payload)
    },

    async close() {
      await queue.end()
      await store.close()
    },
  }
}

/** The token in the link of a mail. */
export function tokenIn(mail: { link: string | null } | undefined): string {
  const token = mail?.link && new URL(mail.link).searchParams.get('token')
  if (!token) throw new Error('there is no mail with a token')
  return token
}

/** What a promise is refused with: codes and fields. */
export async function refusalsOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof RefusedError)) throw new Error('was not refused', { cause: error })
  return error.refusals.map(({ code, field }) => [code, field?.join('.')])
}
