import { type Refusal, refusal } from '../../platform/refusal.ts'
import { type Competition, openedOf } from './competition.ts'
import { isJoinable } from './lifecycle.ts'

/** Who asks for a place: how they stand to the competition, and whether the code that they gave invites them. */
export type Applicant = { organizes: boolean; joined: boolean; code: 'NONE' | 'GOOD' | 'BAD' }

/** Why this person cannot take a place now; null where they can. */
export function joinRefusal(competition: Competition, applicant: Applicant): Refusal | null {
  const { capacity, participantCount, state, visibility } = competition
  if (!openedOf(state) && !applicant.organizes) return noSuchCompetition()
  if (applicant.joined) return refusal('ALREADY_JOINED', 'You are in this competition already.')
  // Before all else, so that nobody learns more of it than that it takes a code.
  if (visibility === 'INVITATION' && !applicant.organizes && applicant.code !== 'GOOD') {
    const message = 'This competition takes an invitation code that still works. Ask its organizer for one.'
    return refusal('INVITATION_REQUIRED', message, 'invitationCode')
  }
  if (state.status === 'DRAFT') return refusal('COMPETITION_CLOSED', 'Open the competition first.')
  if (!isJoinable(state)) return refusal('COMPETITION_CLOSED', 'This competition takes no more participants.')
  if (capacity !== null && participantCount >= capacity) {
    return refusal('COMPETITION_FULL', 'Every place in this competition is taken.')
  }
  // They can join without one, but nobody is to think that it counted.
  if (visibility === 'PUBLIC' && applicant.code === 'BAD') {
    const message =
      'This code does not invite you: it is wrong, works no more, or is your own. Join without it.'
    return refusal('INVALID_INPUT', message, 'invitationCode')
  }
  return null
}

export const noSuchCompetition = () =>
  refusal('NOT_FOUND', 'There is no such competition, or you may not see it.')
