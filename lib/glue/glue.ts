import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { GlueClient, TableInput } from '@aws-sdk/client-glue'
import { MINUTE, now, SECOND } from '#lib/core/clock.ts'
import { Failure, messageOf, Wait } from '#lib/core/errors.ts'

/** A database in AWS Glue, the catalog of Athena. Only tables that Tracklake made are changed. */

type Sdk = typeof import('@aws-sdk/client-glue')

export interface GlueOptions {
  region: string
  database: string
  /** Without them, the SDK looks where AWS puts them. */
  keys?: { accessKeyId: string; secretAccessKey: string } | undefined
  /** The variables of proxies, see `proxyVariables`. */
  proxy?: Record<string, string>
}

export interface GlueTable {
  name: string
  /** The folder: s3://bucket/prefix/ */
  location: string
  format: 'parquet' | 'csv'
  description: string
  columns: { name: string; type: string; comment: string }[]
  /** Marks whose table it is: one of somebody else with the same name is never changed. */
  owner: string
}

export interface Glue {
  /** Creates the database if it is missing. */
  ensureDatabase(): Promise<void>
  /** Creates a table or replaces its definition. @throws Wait when it is somebody else's, or Glue refuses */
  putTable(table: GlueTable): Promise<void>
  /** Removes a table of this owner; none, or somebody else's, is fine too. */
  removeTable(name: string, owner: string): Promise<void>
  close(): void
}

const ATTEMPTS = 4
const CONNECT_MS = 5 * SECOND
const RESPONSE_MS = 20 * SECOND
const CALL_MS = MINUTE
const AGAIN_MS = 5 * MINUTE

/** The parameter of a table that names its owner. */
const OWNER = 'tracklake.owner'

const FORMATS: Record<
  GlueTable['format'],
  Pick<NonNullable<TableInput['StorageDescriptor']>, 'InputFormat' | 'OutputFormat' | 'SerdeInfo'>
> = {
  parquet: {
    InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
    OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
    SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
  },
  csv: {
    InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
    OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
    SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.serde2.OpenCSVSerde' },
  },
}

function inputOf({ name, location, format, description, columns, owner }: GlueTable): TableInput {
  return {
    Name: name,
    Description: description.slice(0, 2_048),
    TableType: 'EXTERNAL_TABLE',
    Parameters: {
      EXTERNAL: 'TRUE',
      classification: format,
      [OWNER]: owner,
      ...(format === 'csv' ? { 'skip.header.line.count': '1' } : {}),
    },
    StorageDescriptor: {
      Location: location,
      Columns: columns.map((column) => ({ Name: column.name, Type: column.type, Comment: column.comment })),
      ...FORMATS[format],
    },
  }
}

export function openGlue(options: GlueOptions): Glue {
  const { database, region } = options
  let opened: Promise<{ sdk: Sdk; client: GlueClient }> | undefined

  /** The SDK takes many megabytes, so it is loaded by the first request. */
  function client() {
    opened ??= import('@aws-sdk/client-glue').then((sdk) => ({ sdk, client: makeClient(sdk, options) }))
    return opened
  }

  async function run<T>(
    does: string,
    permission: string,
    work: (sdk: Sdk, glue: GlueClient, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    try {
      const { sdk, client: glue } = await client()
      return await work(sdk, glue, AbortSignal.timeout(CALL_MS))
    } catch (error) {
      throw glueFailure(error, { does, permission, region })
    }
  }

  /** The owner of a table; null if there is no such table, '' if it names none. */
  function ownerOf(name: string): Promise<string | null> {
    return run('see tables', 'glue:GetTable', async (sdk, glue, abortSignal) => {
      try {
        const { Table } = await glue.send(new sdk.GetTableCommand({ DatabaseName: database, Name: name }), {
          abortSignal,
        })
        return Table?.Parameters?.[OWNER] ?? ''
      } catch (error) {
        if (nameOf(error) === 'EntityNotFoundException') return null
        throw error
      }
    })
  }

  return {
    ensureDatabase: () =>
      run('create the database', 'glue:GetDatabase and glue:CreateDatabase', async (sdk, glue, abortSignal) => {
        try {
          await glue.send(new sdk.GetDatabaseCommand({ Name: database }), { abortSignal })
        } catch (error) {
          if (nameOf(error) !== 'EntityNotFoundException') throw error
          const input = { Name: database, Description: 'Listening data, published by Tracklake' }
          await glue.send(new sdk.CreateDatabaseCommand({ DatabaseInput: input }), { abortSignal }).catch(unlessExists)
        }
      }),
    async putTable(table) {
      const owner = await ownerOf(table.name)
      if (owner !== null && owner !== table.owner) throw notOurs(database, table.name)
      const command = { DatabaseName: database, TableInput: inputOf(table) }
      await run('write tables', 'glue:CreateTable and glue:UpdateTable', async (sdk, glue, abortSignal) => {
        await (owner === null
          ? glue.send(new sdk.CreateTableCommand(command), { abortSignal }).catch(unlessExists)
          : glue.send(new sdk.UpdateTableCommand(command), { abortSignal }))
      })
    },
    async removeTable(name, owner) {
      if ((await ownerOf(name)) !== owner) return
      await run('delete tables', 'glue:DeleteTable', async (sdk, glue, abortSignal) => {
        await glue.send(new sdk.DeleteTableCommand({ DatabaseName: database, Name: name }), { abortSignal })
      })
    },
    close: () => void opened?.then(({ client: glue }) => glue.destroy()),
  }
}

function makeClient(sdk: Sdk, { region, keys, proxy }: GlueOptions): GlueClient {
  // `proxyEnv` exists since Node 22.21; the types don't have it yet.
  const agent = { keepAlive: true, maxSockets: 4, ...(proxy ? { proxyEnv: proxy } : {}) }
  return new sdk.GlueClient({
    region,
    ...(keys ? { credentials: { ...keys } } : {}),
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: RESPONSE_MS,
      throwOnRequestTimeout: true,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
    },
  })
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : '')

/** The SDK repeats a request whose response got lost. */
function unlessExists(error: unknown): void {
  if (nameOf(error) !== 'AlreadyExistsException') throw error
}

function notOurs(database: string, name: string): Wait {
  return new Wait(`The Glue database ${database} already has a table ${name} that Tracklake did not make`, later(), {
    remedy: 'It was not changed. Rename or delete it, or use another database.',
    context: { glue: 'not ours', table: name },
  })
}

const later = () => new Date(now().getTime() + AGAIN_MS)

/** https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-exceptions.html: the bucket is published in any case, so all of them wait. */
function glueFailure(cause: unknown, attempt: { does: string; permission: string; region: string }): Failure {
  if (cause instanceof Failure) return cause
  const name = nameOf(cause)
  const details = (message: string, remedy: string) =>
    new Wait(message, later(), { remedy, cause, context: { glue: name, problem: messageOf(cause) } })
  if (name === 'AccessDeniedException')
    return details(
      `Tracklake may not ${attempt.does} in AWS Glue`,
      `Allow ${attempt.permission} for the access key, or leave the Glue database empty. The policy on the page has all permissions.`,
    )
  if (['UnrecognizedClientException', 'InvalidSignatureException', 'ExpiredTokenException'].includes(name))
    return details('AWS Glue does not accept the access key', 'Check that it exists, is active and has not expired.')
  if (name === 'InvalidInputException' || name === 'ResourceNumberLimitExceededException')
    return details(`AWS Glue refused to ${attempt.does}`, `It said: ${messageOf(cause).slice(0, 200)}`)
  return details(
    `AWS Glue in ${attempt.region} cannot be reached`,
    'Nothing to do if this passes. Otherwise check the region and the network of this server.',
  )
}
