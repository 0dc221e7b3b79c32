import { check } from './environment.ts'
import { count } from './variables.ts'

/** For how many days each of our keys signs access tokens. Throws ConfigError. */
export function readSigningKeyDays(env: NodeJS.ProcessEnv): number {
  const { SIGNING_KEY_DAYS } = check(env, {
    SIGNING_KEY_DAYS: count.max(365, 'must be 365 at most').default(30),
  })
  return SIGNING_KEY_DAYS
}
