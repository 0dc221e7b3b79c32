import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

/** Who signs tokens, and what they sign with. */
export async function createIssuer() {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'first', alg: 'EdDSA', use: 'sig' }
  return {
    publicKey,
    jwks: { keys: [jwk] },
    /** A token with any header, signed with the issuer's key. */
    async signRaw(header: object, payload = ''): Promise<string> {
      const input = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`
      const signature = await crypto.subtle.sign('Ed25519', privateKey, Buffer.from(input))
      return `${input}.${Buffer.from(signature).toString('base64url')}`
    },
    /** A token as it should be, but for what is changed. */
    token(
      change: { claims?: JWTPayload; header?: object; key?: Parameters<SignJWT['sign']>[0] } = {},
    ): Promise<string> {
      const claims = {
        iss: 'podium',
        aud: 'podium',
        sub: 'ann',
        sid: 'session of ann',
        role: 'USER',
        scope: '',
        exp: Math.floor(Date.now() / 1_000) + 600,
      }
      return new SignJWT({ ...claims, ...change.claims })
        .setProtectedHeader({ alg: 'EdDSA', kid: 'first', typ: 'at+jwt', ...change.header })
        .sign(change.key ?? privateKey)
    },
  }
}
