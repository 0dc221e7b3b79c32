import type { GraphQLFormattedError } from 'graphql'

/** An error at a field, before it is known where in the client's result that is. */
export type Fault = {
  message: string
  /** One of platform/errors.ts, or a subgraph's own. */
  code: string
  /** Whose it is; for the log. */
  subgraph?: string
  /** Where below the field it came about, when null went up from there. */
  below?: readonly (string | number)[]
}

/**
 * Why values are missing from merged data. A fault belongs to an object of that data and a key in it, so that it
 * gets as many paths in the client's terms as the object has places in the result.
 */
export type Faults = {
  /** Why `object[key]` is null or missing; none: for a fault that is told elsewhere; undefined: for no reason that anyone told. */
  at(object: object, key: string): readonly Fault[] | undefined
}

/** A fault as an error of the result; without a path when it has no place there. */
export function errorOf(fault: Fault, path?: readonly (string | number)[]): GraphQLFormattedError {
  const { message, code, subgraph, below = [] } = fault
  return {
    message,
    ...(path && { path: [...path, ...below] }),
    extensions: { code, ...(subgraph !== undefined && { serviceName: subgraph }) },
  }
}
