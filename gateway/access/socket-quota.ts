import { anonymous, type Identity } from '../../platform/identity.ts'
import type { GatewayLimits } from '../../platform/settings/gateway-limits.ts'
import { type HolderKind, holderOf } from './holder.ts'

/** How many sockets one person, one API key, and the anonymous of one address (as budgets have it), may hold open at this gateway. */
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

  const limits: Record<HolderKind, number> = {
    person: socketsPerPerson,
    key: socketsPerKey,
    address: socketsPerAddress,
  }
  const newcomersAt = (address: string) => `newcomers at ${holderOf(anonymous, address).key}`

  return {
    isFull: (address: string) => isFull(newcomersAt(address), NEWCOMERS),

    /** A newcomer's place for a socket from this address; null: there is none left. */
    enter(address: string): SocketPlace | null {
      let key = newcomersAt(address)
      if (isFull(key, NEWCOMERS)) return null
      take(key)
      return {
        claim(identity) {
          const { key: next, kind } = holderOf(identity, address)
          if (isFull(next, limits[kind])) return false
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
