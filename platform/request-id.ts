import { AsyncLocalStorage } from 'node:async_hooks'

/** The id of the request that is being answered, for what is logged where the request is out of reach. */
export const requestId = new AsyncLocalStorage<string>()
