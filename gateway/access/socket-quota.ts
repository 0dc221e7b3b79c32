import type { GatewayLimits } from '../../platform/gateway-limits.ts'
import type { Identity } from '../../platform/identity.ts'

/** How many sockets one person, one API key, and the anonymous of one address, may hold open at this gateway. */
export type SocketLimits = Pick<GatewayLimits, 'socketsPerPerson' | 'socketsPerKey' | 'socketsPerAddress'>

/** How many sockets of one address may not have said yet who they are. They are closed when they do not say so soon. */
const NEWCOMERS = 100

/** A place that a socket holds. */
export type SocketPlace = {
  /** Moves it to who has introduced themselves: a person, a key, or the anonymous of its address. False: none is left there. */
  claim(identity: Identity): boolean
  release(): void
}

/** Counts sockets: newcomers and anonymous ones by address, those of programs by key, and those of who has signed in by person. */
export function createSocketQuota({ socketsPerPerson, socketsPerKey, socketsPerAddress }: SocketLimits) {
  const held = new Map<string, number>()

  const isFull = (key: string, limit: number) => (held.get(key) ?? 0) >= limit
  const take = (key: string) => held.set(key, (held.get(key) ?? 0) + 1)
  const give = (key: string) => {
    const count = (held.get(key) ?? 0) - 1
    if (count > 0) held.set(key, count)
    else held.delete(key)
  }

  const placesOf = (identity: Identity, address: string): [string, number] => {
    if (identity.kind !== 'person') return [`anonymous ${address}`, socketsPerAddress]
    const { id, sessionId, isProgram } = identity
    return isProgram ? [`key ${sessionId}`, socketsPerKey] : [`person ${id}`, socketsPerPerson]
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
          const [next, limit] = placesOf(identity, address)
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
