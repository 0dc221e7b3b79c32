import type { CryptoKey, JWK } from 'jose'
import { describeError } from '../../../platform/describe-error.ts'
import { StartupError } from '../../../platform/listen.ts'
import type { Logger } from '../../../platform/logger.ts'
import { keyStates } from './key-states.ts'
import { openKey, SealError } from './sealed-key.ts'
import type { KeptKey, SigningKeyStore } from './signing-key-store.ts'

/** How old what is known of the keys may be: as long may a key sign that was revoked. */
const KNOWN = 5_000 // ms

export type SigningKeys = {
  /** The key that signs at this moment. */
  signer(): Promise<{ kid: string; privateKey: CryptoKey }>
  /** All public keys that tokens may be signed with, now or shortly. */
  jwks(): Promise<{ keys: JWK[] }>
}

/**
 * Opens the keys that access tokens are signed with, of which there is one at least. Which one signs follows from the rows
 * and the time alone, so that all processes change over together. Throws StartupError where `secret` is not what they
 * were sealed with.
 */
export async function openSigningKeys(options: {
  store: Pick<SigningKeyStore, 'all'>
  secret: string
  now: () => Date
  logger: Logger
}): Promise<SigningKeys> {
  const { store, secret, now, logger } = options
  let known = { at: now().getTime(), keys: store.all() }
  const opened = new Map<string, Promise<CryptoKey>>()

  async function states() {
    const time = now()
    if (Math.abs(time.getTime() - known.at) >= KNOWN) {
      const before = known.keys
      const keys = store.all().catch((error: unknown) => {
        logger.warn({ error: describeError(error) }, 'the signing keys cannot be read')
        return before
      })
      known = { at: time.getTime(), keys }
    }
    return keyStates(await known.keys, time)
  }

  async function open(key: KeptKey): Promise<CryptoKey> {
    const privateKey = opened.get(key.kid) ?? openKey(key, secret)
    opened.set(key.kid, privateKey)
    return privateKey
  }

  const keys: SigningKeys = {
    async signer() {
      const all = await states()
      const signing = all.find(({ state }) => state.kind === 'signing')?.key
      if (!signing) throw new Error('no signing key')
      const isKept = new Set(all.map(({ key }) => key.kid))
      for (const kid of opened.keys()) if (!isKept.has(kid)) opened.delete(kid)
      return { kid: signing.kid, privateKey: await open(signing) }
    },
    async jwks() {
      const published = (await states()).filter(({ state }) => state.kind !== 'over')
      return { keys: published.map(({ key }) => key.publicJwk) }
    },
  }
  await keys.signer().catch((error: unknown) => {
    throw error instanceof SealError ? new StartupError(error.message) : error
  })
  return keys
}
