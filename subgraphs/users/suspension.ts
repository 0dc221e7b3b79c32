import { refuse } from '../../platform/refusal.ts'
import type { PersonRow } from './tables.ts'

/** Refuses who is suspended. Said only to who has shown a password or a token of the account: strangers learn nothing. */
export function refuseSuspended({ suspendedAt }: Pick<PersonRow, 'suspendedAt'>): void {
  if (suspendedAt)
    refuse('SUSPENDED', 'This account is suspended. Write to those who run Podium to learn why.')
}
