import { type Account, enter } from '../accounts.ts'
import type { Client } from '../client.ts'
import { activityBetween } from './activity.ts'
import type { DemoPerson } from './people.ts'

const SYNC = `mutation ($input: SyncFitnessInput!) {
  syncFitness(input: $input) { accepted userErrors { code message field } }
}`

/** The most records of one sync. */
const BATCH = 1_000

/** The people of the demo as clients of the API, who log in when they first do something. */
export function createCrowd(
  client: Client,
  people: DemoPerson[],
  options: { seed: number; password: string; now: () => Date },
) {
  const { seed, password, now } = options
  const accounts = new Map<DemoPerson, Account>()

  const account = async (person: DemoPerson): Promise<Account> => {
    const known = accounts.get(person)
    if (known && known.expiresAt.getTime() - now().getTime() > 60_000) return known
    const { email, displayName, timeZone } = person
    const entered = await enter(client, { email, password, displayName, timeZone })
    accounts.set(person, entered)
    return entered
  }

  return {
    people,
    account,
    /** Has a person log in anew, whose token was withdrawn. */
    forget: (person: DemoPerson) => void accounts.delete(person),
    /** Asks as a person. */
    send: async <Data>(person: DemoPerson, query: string): Promise<Data> =>
      client.send<Data>(query, {}, (await account(person)).token),
    /** Runs a mutation as a person. */
    mutate: async <Payload>(person: DemoPerson, mutation: string, variables: object): Promise<Payload> =>
      client.mutate<Payload>(mutation, variables, (await account(person)).token),
    /** Uploads what the person's watch recorded in a period. */
    async sync(person: DemoPerson, from: Date, to: Date): Promise<void> {
      const records = activityBetween(seed, person, from, to)
      for (let start = 0; start < records.length; start += BATCH) {
        const input = {
          provider: 'HEALTH_CONNECT',
          deviceId: `watch of ${person.email}`,
          deviceKind: 'WORN',
          records: records.slice(start, start + BATCH),
        }
        await this.mutate(person, SYNC, { input })
      }
    },
  }
}

export type Crowd = ReturnType<typeof createCrowd>

/** Calls for each item, at most `width` at once. */
export async function eachOf<T>(
  items: T[],
  width: number,
  call: (item: T, index: number) => Promise<unknown>,
) {
  const entries = items.entries()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const [index, item] of entries) await call(item, index)
    }),
  )
}
