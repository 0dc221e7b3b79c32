import { freePort, untilAnswering } from '../answering.ts'
import { end, type Program, start } from '../programs.ts'
import { hasLoaded } from '../usage.ts'
import type { Contestant, Sharing } from './contestants.ts'

export type Gateway = { program: Program; port: number }

type Start = { sharing: Sharing; supergraph: string; core: number | null; flags: string[] }

/** Starts a contestant's gateway; resolves once it answers. Rejects, with nothing left running, when it does not. */
export async function startGateway(contestant: Contestant, options: Start): Promise<Gateway> {
  const { sharing, supergraph, core, flags } = options
  const port = await freePort()
  const place = { sharing, supergraph, port }
  const program = start([...flags, ...contestant.args(place)], { core, env: contestant.env(place) })
  try {
    await untilAnswering(program, port, '{ topProducts(first: 1) { sku } }')
    checkNative(program, contestant)
  } catch (error) {
    await end(program)
    throw error
  }
  return { program, port }
}

/** A planner that silently fell back to another would be measured under a wrong name. */
function checkNative(program: Program, { native }: Contestant): void {
  if (!native) return
  const loaded = hasLoaded(program.pid, native.name)
  if (loaded === null || loaded === native.isUsed) return
  throw new Error(`it runs ${loaded ? 'with' : 'without'} ${native.name}`)
}
