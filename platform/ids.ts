const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Whether this can be one of our ids; what cannot is nobody's, and would be an error to PostgreSQL. */
export function isId(id: string): boolean {
  return uuid.test(id)
}
