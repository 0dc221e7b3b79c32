import type { QueryPlan } from '@apollo/query-planner'
import type { DocumentNode } from 'graphql'
import type { LoadedSupergraph } from '../../supergraph.ts'
import { withDirectiveDefaults } from './directive-defaults.ts'
import { withDroppedMembers } from './dropped-members.ts'
import { withConcreteConditions } from './interface-objects.ts'
import { withRequiredArguments } from './required-arguments.ts'
import { withRequestsTakenApart } from './taken-apart.ts'

/** An operation in its planning form as the planner can plan it. */
export function plannable(document: DocumentNode, { schema, mending }: LoadedSupergraph): DocumentNode {
  return withConcreteConditions(document, schema, mending.interfaceObjects)
}

/**
 * Corrects what the planner gets wrong, given the operation in the form that it was planned in. The order counts:
 * requests are taken apart by names that the pass after that gives up.
 */
export function mend(
  plan: QueryPlan,
  options: { supergraph: LoadedSupergraph; document?: DocumentNode },
): QueryPlan {
  const { supergraph, document } = options
  const { required, members } = supergraph.mending
  const whole = document ? withDroppedMembers(plan, document, members) : plan
  const apart = withRequestsTakenApart(whole, required)
  return withDirectiveDefaults(withRequiredArguments(apart, required.variants), supergraph.schema)
}
