const DOMAIN = '@erased.invalid'

/** The address of an account that was erased, in a domain that nobody can have. */
export const erasedAddress = (userId: string) => `${userId}${DOMAIN}`

/** Whether an address may be an erased account's. Whoever took one that is to be could keep its account from being erased. */
export const isErasedAddress = (email: string) => email.toLowerCase().endsWith(DOMAIN)
