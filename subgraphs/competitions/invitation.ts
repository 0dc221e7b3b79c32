import { createHash, randomBytes } from 'node:crypto'
import type { Person } from '../../platform/identity.ts'
import { type Refusal, refusal } from '../../platform/refusal.ts'
import type { Competition } from './competition.ts'
import { isJoinable } from './lifecycle.ts'

/** A code that nobody can guess: 96 random bits in 16 characters that are safe in a URL. */
export const newInvitationCode = () => randomBytes(12).toString('base64url')

/** What is kept of a code. It has too many bits to be tried out, so a fast hash does. */
export const hashInvitationCode = (code: string) => createHash('sha256').update(code.trim()).digest('hex')

/**
 * Why this person can make no code for a competition; null where they can: to one by invitation its organizer, since the draft;
 * to a public one affiliates, once it can be joined, so that it stays public.
 */
export function invitationRefusal(
  { organizerId, visibility, state }: Competition,
  viewer: Person,
): Refusal | null {
  const isPublic = visibility === 'PUBLIC'
  if (isPublic && !viewer.scopes.includes('competitions:invite')) {
    return refusal(
      'NOT_ALLOWED',
      'Anyone can join this competition without a code: affiliates alone have one for it.',
    )
  }
  if (!isPublic && viewer.id !== organizerId) return refusal('NOT_ALLOWED', 'Only its organizer can do this.')
  if (isJoinable(state) || (state.status === 'DRAFT' && !isPublic)) return null
  const message =
    state.status === 'DRAFT' ? 'Open the competition first.' : 'This competition takes no more participants.'
  return refusal('COMPETITION_CLOSED', message)
}
