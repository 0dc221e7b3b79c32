/** The codes of `UserError` in schema/common.graphql. */
export type RefusalCode =
  | 'INVALID_INPUT'
  | 'NOT_FOUND'
  | 'NOT_ALLOWED'
  | 'CONFLICT'
  | 'COMPETITION_FULL'
  | 'COMPETITION_CLOSED'
  | 'ALREADY_JOINED'
  | 'INVITATION_REQUIRED'
  | 'TOO_MANY_RECORDS'
  | 'EMAIL_TAKEN'
  | 'WRONG_CREDENTIALS'
  | 'SUSPENDED'
  | 'TOO_MANY_ATTEMPTS'
  | 'WEAK_PASSWORD'
  | 'TOKEN_EXPIRED'
  | 'UPLOAD_REJECTED'

/** An expected refusal, in the shape of the API's `UserError`. */
export type Refusal = {
  code: RefusalCode
  /** For people, in plain English: what is wrong and what to do. */
  message: string
  /** The path to the input field at fault, from `input`; null where no single field is. */
  field: string[] | null
}

/** Thrown inside a store's transaction to roll it back and refuse; `refusable` turns it into data. */
export class RefusedError extends Error {
  readonly refusals: Refusal[]
  constructor(refusals: Refusal[]) {
    super(refusals.map((refusal) => refusal.message).join(' '))
    this.refusals = refusals
  }
}

/** One refusal, made in the place that knows why. `field` is dotted: 'startsAt', 'records.3.value'. */
export function refusal(code: RefusalCode, message: string, field?: string): Refusal {
  return { code, message, field: field === undefined ? null : field.split('.') }
}

/** Throws one refusal. */
export function refuse(code: RefusalCode, message: string, field?: string): never {
  throw new RefusedError([refusal(code, message, field)])
}

/**
 * Runs a mutation's one call and shapes its payload: what it returns beside no errors, or the refusals beside
 * nothing. Whatever else is thrown stays thrown.
 */
export async function refusable<T extends object>(
  call: () => Promise<T>,
): Promise<T & { userErrors: Refusal[] }> {
  try {
    return { ...(await call()), userErrors: [] }
  } catch (error) {
    // The payload's own fields are nullable in the SDL, so a payload of refusals alone is one of its values.
    if (error instanceof RefusedError) return { userErrors: error.refusals } as T & { userErrors: Refusal[] }
    throw error
  }
}
