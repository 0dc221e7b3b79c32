import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, randomUUID } from 'node:crypto'
import { type CryptoKey, exportJWK, exportPKCS8, generateKeyPair, importPKCS8 } from 'jose'

/** A new key pair; the private key is sealed with a key made from `secret`, so that the database alone forges no token. */
export async function makeKey(secret: string) {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
  const kid = randomUUID()
  return {
    kid,
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' },
    sealedPrivateKey: seal(await exportPKCS8(privateKey), secret, kid),
  }
}

/** The private key again. Throws what can be put right where it was sealed with another secret. */
export function openKey(
  { kid, sealedPrivateKey }: { kid: string; sealedPrivateKey: string },
  secret: string,
): Promise<CryptoKey> {
  let text: string
  try {
    text = unseal(sealedPrivateKey, secret, kid)
  } catch {
    throw new SealError(kid)
  }
  return importPKCS8(text, 'EdDSA')
}

/** A private key was sealed with another secret. */
export class SealError extends Error {
  constructor(kid: string) {
    super(
      `The signing key ${kid} was sealed with another USERS_SECRET. Start with that one; or, if it is lost, npm run keys -- revoke ${kid}`,
    )
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
