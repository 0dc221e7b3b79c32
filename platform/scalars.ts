import { GraphQLError, GraphQLScalarType } from 'graphql'
import {
  DateTimeISOResolver,
  EmailAddressResolver,
  LocalDateResolver,
  TimeZoneResolver,
  URLResolver,
} from 'graphql-scalars'

/** graphql-scalars' TimeZone, that takes names alone: Intl, and it, know +02:00 too, which has no changes of clocks. */
const TimeZone = new GraphQLScalarType({
  ...TimeZoneResolver.toConfig(),
  parseValue(value) {
    if (typeof value === 'string' && /^[a-z]/i.test(value)) return TimeZoneResolver.parseValue(value)
    throw new GraphQLError(
      'A time zone is a name of the IANA database, such as Europe/Helsinki, not an offset.',
    )
  },
  // Without one of its own a scalar parses the value that a literal stands for.
  parseLiteral: undefined,
})

/** Resolvers of the scalars in schema/common.graphql, the same in every subgraph. */
export const scalars = {
  DateTime: DateTimeISOResolver,
  LocalDate: LocalDateResolver,
  TimeZone,
  EmailAddress: EmailAddressResolver,
  URL: URLResolver,
}
