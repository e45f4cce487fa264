import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A small AWS Glue for tests: databases and tables in memory, with the errors that the real one has, and faults on demand. */

interface StoredTable {
  Name: string
  Parameters?: Record<string, string>
  StorageDescriptor?: { Location?: string; Columns?: { Name: string; Type: string }[] }
}

export interface GlueServer {
  url: string
  databases: Map<string, Map<string, StoredTable>>
  /** The operations since the last call. */
  takeCalls(): string[]
  /** Every request of this operation fails with this error; undefined: none. */
  fault: { operation: string; code: string } | undefined
  stop(): Promise<void>
}

class GlueError extends Error {}

type Body = {
  Name?: string
  DatabaseName?: string
  DatabaseInput?: { Name: string }
  TableInput?: StoredTable
}

const NAME = /^[a-z0-9_]{1,255}$/

export async function startGlueServer(): Promise<GlueServer> {
  let calls: string[] = []
  const http = createServer((request, response) => {
    respond(request).then(
      (body) => response.writeHead(200, TYPE).end(JSON.stringify(body)),
      (error: Error) => {
        if (!(error instanceof GlueError)) return response.destroy()
        response.writeHead(400, { ...TYPE, 'x-amzn-errortype': error.message })
        response.end(JSON.stringify({ __type: error.message, Message: error.message }))
      },
    )
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))

  async function respond(request: IncomingMessage): Promise<unknown> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const operation = String(request.headers['x-amz-target']).replace('AWSGlue.', '')
    if (!/^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[^/]+\/glue\//.test(request.headers.authorization ?? ''))
      throw new GlueError('AccessDeniedException')
    calls.push(operation)
    if (server.fault?.operation === operation) throw new GlueError(server.fault.code)
    return run(operation, JSON.parse(Buffer.concat(chunks).toString()))
  }

  function tablesOf(name = ''): Map<string, StoredTable> {
    const tables = server.databases.get(name)
    if (!tables) throw new GlueError('EntityNotFoundException')
    return tables
  }

  function run(operation: string, body: Body): unknown {
    if (operation === 'GetDatabase') return { Database: { Name: body.Name, Tables: tablesOf(body.Name).size } }
    if (operation === 'CreateDatabase') {
      const name = body.DatabaseInput?.Name ?? ''
      if (!NAME.test(name)) throw new GlueError('InvalidInputException')
      if (server.databases.has(name)) throw new GlueError('AlreadyExistsException')
      server.databases.set(name, new Map())
      return {}
    }
    const tables = tablesOf(body.DatabaseName)
    const name = body.TableInput?.Name ?? body.Name ?? ''
    const table = tables.get(name)
    if (operation === 'CreateTable' ? table : !table)
      throw new GlueError(table ? 'AlreadyExistsException' : 'EntityNotFoundException')
    if (operation === 'GetTable') return { Table: table }
    if (operation === 'DeleteTable') tables.delete(name)
    else if (body.TableInput) {
      requireValid(body.TableInput)
      tables.set(name, body.TableInput)
    }
    return {}
  }

  const server: GlueServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    databases: new Map(),
    fault: undefined,
    takeCalls() {
      const taken = calls
      calls = []
      return taken
    },
    async stop() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
  return server
}

const TYPE = { 'content-type': 'application/x-amz-json-1.1' }
const HIVE_TYPE = /^(string|bigint|double|boolean|timestamp|date)$/

/** What Glue or Athena would not take. */
function requireValid({ Name, StorageDescriptor }: StoredTable): void {
  const columns = StorageDescriptor?.Columns ?? []
  const isValid =
    NAME.test(Name) &&
    columns.length > 0 &&
    columns.every(
      (column) => column.Name.length <= 255 && column.Name === column.Name.toLowerCase() && HIVE_TYPE.test(column.Type),
    ) &&
    /^s3:\/\/[^/]+\/.*\/$/.test(StorageDescriptor?.Location ?? '')
  if (!isValid) throw new GlueError('InvalidInputException')
}
