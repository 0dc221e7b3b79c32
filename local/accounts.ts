import { type Client, UserErrorsError } from './client.ts'

/** A person with an account, signed in. */
export type Account = { id: string; token: string; expiresAt: Date }

type Session = { session: { accessToken: string; expiresAt: string; viewer: { id: string } } }

const session = 'session { accessToken expiresAt viewer { id } } userErrors { code message field }'
const signUp = `mutation ($input: SignUpInput!) { signUp(input: $input) { ${session} } }`
const logIn = `mutation ($input: LogInInput!) { logIn(input: $input) { ${session} } }`

/** Opens an account, or logs in to the one that the address has already. */
export async function enter(
  client: Client,
  person: { email: string; password: string; displayName: string; timeZone?: string },
): Promise<Account> {
  try {
    return accountOf(await client.mutate<Session>(signUp, { input: person }))
  } catch (error) {
    if (!(error instanceof UserErrorsError && error.codes.includes('EMAIL_TAKEN'))) throw error
    return logInTo(client, person)
  }
}

/** Logs in to an account that exists. */
export async function logInTo(client: Client, { email, password }: { email: string; password: string }) {
  return accountOf(await client.mutate<Session>(logIn, { input: { email, password } }))
}

function accountOf({ session }: Session): Account {
  return { id: session.viewer.id, token: session.accessToken, expiresAt: new Date(session.expiresAt) }
}
