import type { Caller, Person } from './identity.ts'

/** The context of a field with @authenticated or @requiresScopes. */
export type Authenticated<Context> = Context & { viewer: Person }

/** The context of a field with @perViewer. */
export type PerViewer<Context> = Context & { viewer: Person | null }

/** What a resolver may know of a request besides who asks. */
export type RequestInfo = Omit<Caller, 'identity'>

/** What the wrapped resolvers are given as context: the subgraph's own stays apart from who is asking. */
export type Request<Context = object> = {
  caller: Caller
  context: Context
  /** The context with who asks, and the one without; each is made once. */
  seeing?: Context & PerViewer<object>
  blind?: Context & PerViewer<object>
}
