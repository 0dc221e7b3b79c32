import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'
import { createTurns } from './turns.ts'

/** OWASP's recommendation for Argon2id, which is the library's algorithm; memory in KiB. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

// A hash takes a core and 19 MiB: a rush of log-ins waits rather than exhausts the machine.
const turns = createTurns(availableParallelism())

const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })

/** Hashes of nobody's password, against which an unknown address is verified: it costs what a known one costs. */
const decoy = turns(() => hash('nobody has this password', parameters))

/** Why a new password is refused, in plain English; null when it is good. */
export function passwordFault(password: string, personal: string[]): string | null {
  if (password.length < 12) return 'The password needs at least 12 characters.'
  if (password.length > 128) return 'The password may have at most 128 characters.'
  // 2 of 4: at least 10^6 guesses, so that lists of breached passwords and their variations fail.
  const { score } = estimator.check(password, personal)
  return score < 2 ? 'The password is among those that are guessed first. Choose a less common one.' : null
}

export function hashPassword(password: string): Promise<string> {
  return turns(() => hash(password, parameters))
}

/** Whether this is the password; `stored` is null where there is no such account. */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  const matches = turns(async () => verify(stored ?? (await decoy), password))
  return (await matches) && stored !== null
}

/** Whether a hash was made with other parameters than today's, and should be made anew while the password is known. */
export function isOutdated(stored: string): boolean {
  const { memoryCost, timeCost, parallelism } = parameters
  return !stored.startsWith(`$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$`)
}
