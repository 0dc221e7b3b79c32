import {
  DateTimeISOResolver,
  EmailAddressResolver,
  LocalDateResolver,
  TimeZoneResolver,
} from 'graphql-scalars'

/** Resolvers of the scalars in schema/common.graphql, the same in every subgraph. */
export const scalars = {
  DateTime: DateTimeISOResolver,
  LocalDate: LocalDateResolver,
  TimeZone: TimeZoneResolver,
  EmailAddress: EmailAddressResolver,
}
