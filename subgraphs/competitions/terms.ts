import type { Terms } from './competition.ts'
import type { CreateCompetitionInput, UpdateCompetitionInput } from './generated.ts'

/** The terms that an input asks for, with what it leaves open filled in. */
export function draftedTerms(input: CreateCompetitionInput): Terms {
  return {
    name: input.name.trim(),
    description: input.description?.trim() || null,
    metric: input.metric,
    startsAt: input.startsAt,
    endsAt: input.endsAt,
    timeZone: input.timeZone ?? 'UTC',
    visibility: input.visibility ?? 'PUBLIC',
    capacity: input.capacity ?? null,
    minimumParticipants: input.minimumParticipants ?? 2,
  }
}

/** The terms after a change: what it does not name stays, and null empties what can be empty. */
export function changedTerms(terms: Terms, input: UpdateCompetitionInput): Terms {
  const { description, capacity } = input
  return {
    name: input.name?.trim() ?? terms.name,
    description: description === undefined ? terms.description : description?.trim() || null,
    metric: input.metric ?? terms.metric,
    startsAt: input.startsAt ?? terms.startsAt,
    endsAt: input.endsAt ?? terms.endsAt,
    timeZone: input.timeZone ?? terms.timeZone,
    visibility: input.visibility ?? terms.visibility,
    capacity: capacity === undefined ? terms.capacity : capacity,
    minimumParticipants: input.minimumParticipants ?? terms.minimumParticipants,
  }
}
