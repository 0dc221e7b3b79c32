import type { Identity } from '../../platform/identity.ts'

/** Who asks, and until when that holds; null: for ever. */
export type Credentials = { identity: Identity; expiresAt: Date | null }

/** Is called before a subgraph is asked about credentials that have not been good here yet; what it throws is thrown. */
export type BeforeAsking = () => unknown

export type Authenticator = {
  /**
   * Who a value of the Authorization header speaks for; undefined is anonymous. Throws UNAUTHENTICATED for whatever
   * else than a good token, UNAVAILABLE while no keys can be had.
   */
  authenticate(authorization: unknown, beforeAsking?: BeforeAsking): Promise<Credentials>
  close(): void
}
