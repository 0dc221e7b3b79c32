import type { Identity } from '../../platform/identity.ts'

/** How many sockets one person, and the anonymous of one address, may hold open at this gateway. */
export type SocketLimits = { socketsPerPerson: number; socketsPerAddress: number }

/** A place that a socket holds. */
export type SocketPlace = {
  /** Moves it from the address to who has signed in. False: that person has no place left. */
  claim(identity: Identity): boolean
  release(): void
}

/** Counts sockets. One that has not said yet who it is counts for its address, as an anonymous one does. */
export function createSocketQuota({ socketsPerPerson, socketsPerAddress }: SocketLimits) {
  const held = new Map<string, number>()

  function take(key: string, limit: number): boolean {
    const count = held.get(key) ?? 0
    if (count >= limit) return false
    held.set(key, count + 1)
    return true
  }

  function give(key: string): void {
    const count = (held.get(key) ?? 0) - 1
    if (count > 0) held.set(key, count)
    else held.delete(key)
  }

  return {
    isFull: (address: string) => (held.get(`address ${address}`) ?? 0) >= socketsPerAddress,

    /** A place for a socket from this address; null: there is none left. */
    enter(address: string): SocketPlace | null {
      let key = `address ${address}`
      if (!take(key, socketsPerAddress)) return null
      return {
        claim(identity) {
          if (identity.kind !== 'person') return true
          const person = `person ${identity.id}`
          if (!take(person, socketsPerPerson)) return false
          give(key)
          key = person
          return true
        },
        release: () => give(key),
      }
    },
  }
}
