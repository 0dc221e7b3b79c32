import { createHash } from 'node:crypto'
import type { FetchNode } from '@apollo/query-planner'
import {
  type DocumentNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionSetNode,
  separateOperations,
  stripIgnoredCharacters,
} from 'graphql'
import { badUserInput } from '../../platform/errors.ts'
import { compileCost } from '../access/cost.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import { conditionsOf, createCompletions } from './completions.ts'
import { compileDeferrals, isActive, laterResults, plannedLabels } from './deferral.ts'
import { errorOf } from './faults.ts'
import { compileIntrospection } from './introspection.ts'
import { InvalidOperationError } from './invalid-operation.ts'
import type { Operation } from './operation.ts'
import { planOperation } from './plan-operation.ts'
import { fragmentsOf, planningForm } from './planning-form.ts'
import type { OperationRequest, OperationResult } from './result.ts'
import { readErrors } from './steps/answer.ts'
import { compilePlan } from './steps/compile-plan.ts'
import { createDisclosure, discloseErrors } from './steps/disclosure.ts'
import { createFaultLedger } from './steps/fault-ledger.ts'
import { copy } from './steps/merge.ts'
import { createParts } from './steps/parts.ts'
import type { FetchContext } from './steps/request.ts'
import { rootAcceptor } from './steps/root-fetch.ts'
import type { Run, Step } from './steps/run.ts'
import { variableCoercion } from './variable-coercion.ts'

/** What operations of one supergraph are compiled against. */
export type CompileContext = Omit<FetchContext, 'variableOf'> & {
  supergraph: LoadedSupergraph
  fieldNames: ReadonlySet<string>
  /** How long a list is taken to be that nothing is said of. */
  listSize: number
}

/** Plans a valid operation and compiles the plan. Throws when there is no plan. */
export function compileOperation(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  context: CompileContext,
): Operation {
  const { supergraph, fieldNames, listSize } = context
  const { schema } = supergraph
  const root = schema.getRootType(operation.operation)
  if (!root) {
    throw new InvalidOperationError([new GraphQLError(`There is no ${operation.operation} here.`)])
  }
  const form = planningForm({ schema, document, operation, fieldNames })
  if (operation.operation === 'subscription' && form.deferrals.length > 0) {
    throw badUserInput('A subscription cannot have @defer: each of its results is whole.')
  }
  const plan = planOperation(form.operation, context)
  const subscription = plan.node?.kind === 'Subscription' ? plan.node : undefined
  const node = plan.node?.kind === 'Subscription' ? plan.node.rest : plan.node
  const fetchContext: FetchContext = { ...context, variableOf: form.variableOf }
  const step = node && compilePlan(node, fetchContext)
  const labels = plannedLabels(node)
  const deferrals = form.deferrals.filter(({ label }) => labels.has(label))
  const deferred = new Set(deferrals.map(({ fragment }) => fragment))
  const options = { schema, document, keys: form.keys, isOfType: context.isOfType }
  const whole = createCompletions({ ...options, isDeferred: () => false })(root, operation.selectionSet)
  const completions = createCompletions({
    ...options,
    isDeferred: (fragment, flags) => deferred.has(fragment) && isActive({ fragment }, flags),
  })
  const beginning = deferrals.length > 0 ? completions(root, operation.selectionSet) : whole
  const completeParts = compileDeferrals(deferrals, { schema, keys: form.keys, completions })
  const introspect = compileIntrospection(schema, operation, {
    fields: form.introspection,
    fragments: fragmentsOf(document).values(),
  })
  const coerce = variableCoercion(schema, operation, conditionsOf(document))
  const cost = compileCost({ schema, costs: supergraph.costs, document, operation, listSize })

  /** Runs steps, and completes what they brought. */
  async function execute(request: OperationRequest, first?: Step): Promise<OperationResult> {
    const { variables, caller } = request
    const { coerced, errors } = coerce(variables)
    if (errors) return { data: undefined, errors }
    const parts =
      request.defer && deferrals.some((deferral) => isActive(deferral, coerced)) ? createParts() : undefined
    const data = introspect ? { ...introspect(coerced) } : {}
    const run: Run = { data, variables, coerced, caller, ledger: createFaultLedger(), parts }
    await first?.(run)
    await step?.(run)
    return complete(run)
  }

  function complete(run: Run): OperationResult {
    const { data, coerced, ledger, parts } = run
    const completion = (parts ? beginning : whole)(coerced)
    const completed = completion(data, ledger.isEmpty() ? undefined : ledger)
    const errors = [...completed.errors, ...ledger.loose.map((fault) => errorOf(fault))]
    if (!parts) return { data: completed.data, errors }
    if (completed.data === 'null') parts.stop()
    return {
      data: completed.data,
      errors,
      later: laterResults(parts, (filled) => completeParts(run, filled)),
    }
  }

  const run = (request: OperationRequest) => execute(request)
  if (operation.operation !== 'subscription')
    return { kind: operation.operation, size: form.size, cost, hasDefer: deferrals.length > 0, run }
  if (!subscription) throw new Error('the plan of a subscription is none')
  const { primary } = subscription
  const rootKey = rootKeyOf(document, operation.selectionSet)
  const disclose = createDisclosure(primary.serviceName, context)
  const accept = rootAcceptor({ ...primary, serviceName: eventOf(primary) }, fetchContext)
  return {
    kind: 'subscription',
    size: form.size,
    cost,
    document,
    text: textOf(document, operation),
    plan: createHash('sha256').update(JSON.stringify(plan)).digest('base64url'),
    dependsOnViewer: supergraph.dependsOnViewer(document, operation),
    primary,
    variablesOf(variables) {
      const { coerced, errors } = coerce(variables)
      if (errors) return { errors }
      const used = (primary.variableUsages ?? []).map((name) => [name, variables[form.variableOf(name)]])
      return { variables: Object.fromEntries(used.filter(([, value]) => value !== undefined)), coerced }
    },
    told: (errors, requestId) =>
      discloseErrors(readErrors(errors, primary.serviceName), requestId, disclose).map(
        // The subgraph was asked for it under a name of ours; of what is below it there is nothing.
        ({ path, ...error }) => (path ? { ...error, path: [rootKey] } : error),
      ),
    resolve(event, request) {
      const errors = disclose(event.errors, request.caller.requestId)
      // A copy: what others add is merged into it, and the event may be resolved again.
      return execute(request, (run) => void accept(run, copy({ ...event, errors }), [run.data]))
    },
  }
}

/** Under this name errors of a subscription's own event are told from those of what is added to it. */
export const eventOf = ({ serviceName }: FetchNode) => `the event of ${serviceName}`

/** What the client calls the one field of a subscription. */
function rootKeyOf(document: DocumentNode, { selections }: SelectionSetNode): string {
  const [node] = selections
  if (node?.kind === Kind.FIELD) return (node.alias ?? node.name).value
  const body = node?.kind === Kind.FRAGMENT_SPREAD ? fragmentsOf(document).get(node.name.value) : node
  if (!body) throw new Error('the operation was not validated')
  return rootKeyOf(document, body.selectionSet)
}

/** An operation and the fragments that it uses, without its name and all that can be left out. */
function textOf(document: DocumentNode, operation: OperationDefinitionNode): string {
  const alone = separateOperations(document)[operation.name?.value ?? '']
  if (!alone) throw new Error('the operation is not in its document')
  const definitions = alone.definitions.map((node) =>
    node.kind === Kind.OPERATION_DEFINITION ? { ...node, name: undefined } : node,
  )
  return stripIgnoredCharacters(print({ ...alone, definitions }))
}
