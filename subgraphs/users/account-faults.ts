import { type Refusal, refusal } from '../../platform/refusal.ts'
import { isNameable, isPlainText } from '../../platform/text.ts'
import { passwordFault } from './passwords/password.ts'
import { isErasedAddress } from './privacy/erased-address.ts'

/** What is wrong with the address of a new account; empty when nothing is. */
export function addressFaults(email: string): Refusal[] {
  if (email.length > 254) return [refusal('INVALID_INPUT', 'The address is too long.', 'email')]
  if (isErasedAddress(email)) return [refusal('INVALID_INPUT', 'No mail can go to this address.', 'email')]
  return []
}

/** What is wrong with a new account's details; empty when nothing is. */
export function signUpFaults(input: { email: string; password: string; displayName: string }): Refusal[] {
  const weakness = passwordFault(input.password, [input.email, input.displayName])
  return [
    ...addressFaults(input.email),
    ...(weakness ? [refusal('WEAK_PASSWORD', weakness, 'password')] : []),
    ...displayNameFaults(input.displayName),
  ]
}

/** What is wrong with a change of profile. */
export function profileFaults(input: { displayName?: string | null; bio?: string | null }): Refusal[] {
  const bio = input.bio ?? ''
  return [
    ...(input.displayName == null ? [] : displayNameFaults(input.displayName)),
    ...([...bio].length > 500 || !isPlainText(bio)
      ? [refusal('INVALID_INPUT', 'The bio is text of at most 500 characters.', 'bio')]
      : []),
  ]
}

function displayNameFaults(name: string): Refusal[] {
  const length = [...name.trim()].length
  if (length <= 50 && isNameable(name)) return []
  const message = 'The display name needs 1 to 50 characters on one line, and something to see.'
  return [refusal('INVALID_INPUT', message, 'displayName')]
}
