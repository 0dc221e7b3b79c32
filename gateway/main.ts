import { readGatewayConfig } from '../platform/config.ts'
import { run } from '../platform/listen.ts'
import { startGateway } from './start.ts'
import { subgraphsInFile } from './supergraph/file.ts'

await run(async () => {
  const gateway = await startGateway(readGatewayConfig(process.env, subgraphsInFile))
  console.error(`listening on ${gateway.url}`)
  return gateway
})
