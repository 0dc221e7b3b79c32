import type { Identity } from '../../platform/identity.ts'

/** How many sockets one person, and the anonymous of one address, may hold open at this gateway. */
export type SocketLimits = { socketsPerPerson: number; socketsPerAddress: number }

/** How many sockets of one address may not have said yet who they are. They are closed when they do not say so soon. */
const NEWCOMERS = 100

/** A place that a socket holds. */
export type SocketPlace = {
  /** Moves it to who has introduced themselves: a person, or the anonymous of its address. False: none is left there. */
  claim(identity: Identity): boolean
  release(): void
}

/** Counts sockets: newcomers and anonymous ones by address, and those of who has signed in by person. */
export function createSocketQuota({ socketsPerPerson, socketsPerAddress }: SocketLimits) {
  const held = new Map<string, number>()

  const isFull = (key: string, limit: number) => (held.get(key) ?? 0) >= limit
  const take = (key: string) => held.set(key, (held.get(key) ?? 0) + 1)
  const give = (key: string) => {
    const count = (held.get(key) ?? 0) - 1
    if (count > 0) held.set(key, count)
    else held.delete(key)
  }

  return {
    isFull: (address: string) => isFull(`newcomers ${address}`, NEWCOMERS),

    /** A newcomer's place for a socket from this address; null: there is none left. */
    enter(address: string): SocketPlace | null {
      let key = `newcomers ${address}`
      if (isFull(key, NEWCOMERS)) return null
      take(key)
      return {
        claim(identity) {
          const [next, limit] =
            identity.kind === 'person'
              ? [`person ${identity.id}`, socketsPerPerson]
              : [`anonymous ${address}`, socketsPerAddress]
          if (isFull(next, limit)) return false
          take(next)
          give(key)
          key = next
          return true
        },
        release: () => give(key),
      }
    },
  }
}
