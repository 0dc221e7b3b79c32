import type { GatewayConfig } from '../../platform/config.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Transport } from '../transport/transport.ts'
import type { TokenIssuer } from './authenticate.ts'
import { createOutsideIssuer } from './outside-issuer.ts'
import { createOwnIssuer } from './own-issuer.ts'

/** All whose access tokens a gateway takes, as it is configured: ourselves, and an outside issuer. */
export function openIssuers(options: {
  config: Pick<GatewayConfig, 'jwksUrl' | 'outsideIssuer'>
  /** Who knows whom the outside issuer vouches for; undefined: nobody. */
  users: () => Transport | undefined
  now: () => Date
  logger: Logger
  /** How often keys are fetched again, in ms. */
  keysRefresh: number
}): TokenIssuer[] {
  const { config, ...rest } = options
  const { jwksUrl, outsideIssuer: settings } = config
  return [
    ...(jwksUrl === null ? [] : [createOwnIssuer({ jwksUrl, ...rest })]),
    ...(settings === null ? [] : [createOutsideIssuer({ settings, ...rest })]),
  ]
}
