import { badUserInput } from '../../platform/errors.ts'
import type { CompetitionFilter, CompetitionStatus } from './generated.ts'
import { queryOf, wordsOf } from './words.ts'

const MAX_CHOICES = 10 // of one list
const MAX_SEARCH = 100 // characters
const MAX_WORDS = 10

/** A filter that was checked, with its search made a tsquery: null takes all, an empty one nothing. */
export type CheckedFilter = Omit<CompetitionFilter, 'search'> & { query: string | null }

/** Checks a filter's limits. Throws BAD_USER_INPUT. */
export function checkFilter({ search, ...filter }: CompetitionFilter): CheckedFilter {
  checkChoices('status', filter.status)
  checkChoices('metric', filter.metric)
  if (search && (search.length > MAX_SEARCH || wordsOf(search).length > MAX_WORDS)) {
    throw badUserInput(`search takes at most ${MAX_WORDS} words and ${MAX_SEARCH} characters.`)
  }
  return { ...filter, query: search?.trim() ? queryOf(search) : null }
}

/** Checks a list of statuses on its own; null is any. Throws BAD_USER_INPUT. */
export function checkStatuses(statuses: CompetitionStatus[] | null | undefined): CompetitionStatus[] | null {
  checkChoices('status', statuses)
  return statuses ?? null
}

function checkChoices(name: string, choices: readonly unknown[] | null | undefined): void {
  if (choices && choices.length > MAX_CHOICES)
    throw badUserInput(`${name} takes at most ${MAX_CHOICES} values.`)
}
