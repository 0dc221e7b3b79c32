/** What people are called whose account was erased, wherever their results stay. */
export const ERASED_NAME = 'Deleted account'
