import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

/** Who signs tokens, and what they sign with. */
export async function createIssuer() {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'first', alg: 'EdDSA', use: 'sig' }
  return {
    publicKey,
    jwks: { keys: [jwk] },
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
