import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, randomUUID } from 'node:crypto'
import { asc, sql } from 'drizzle-orm'
import { type CryptoKey, exportJWK, exportPKCS8, generateKeyPair, importPKCS8, type JWK } from 'jose'
import type { Database } from '../../platform/database.ts'
import { signingKeys } from './tables.ts'

/** The key that signs, and all public keys that tokens in use may be signed with. */
export type SigningKeys = { kid: string; privateKey: CryptoKey; jwks: { keys: JWK[] } }

/**
 * Loads the keys that access tokens are signed with; the first process of all makes the first one. Private keys are
 * stored encrypted: the database alone is not enough to forge a token.
 */
export async function openSigningKeys(db: Database, secret: string, now: Date): Promise<SigningKeys> {
  const rows = await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('users.signing_keys'))`)
    const existing = await tx.select().from(signingKeys).orderBy(asc(signingKeys.createdAt))
    return existing.length > 0 ? existing : tx.insert(signingKeys).values(await generate(secret, now)).returning() // biome-ignore format: one line
  })
  const newest = rows.at(-1)
  if (!newest) throw new Error('no signing key')
  return {
    kid: newest.kid,
    privateKey: await importPKCS8(unseal(newest.sealedPrivateKey, secret, newest.kid), 'EdDSA'),
    // Made by exportJWK, below.
    jwks: { keys: rows.map((row) => row.publicJwk as JWK) },
  }
}

async function generate(secret: string, now: Date) {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
  const kid = randomUUID()
  return {
    kid,
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' },
    sealedPrivateKey: seal(await exportPKCS8(privateKey), secret, kid),
    createdAt: now,
  }
}

function seal(text: string, secret: string, kid: string): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', sealingKey(secret), iv).setAAD(Buffer.from(kid))
  const sealed = Buffer.concat([cipher.update(text), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')
}

function unseal(sealed: string, secret: string, kid: string): string {
  const bytes = Buffer.from(sealed, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(secret), bytes.subarray(0, 12))
    .setAAD(Buffer.from(kid))
    .setAuthTag(bytes.subarray(12, 28))
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString()
}

function sealingKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'users.signing_keys', 32))
}
