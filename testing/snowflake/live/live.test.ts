import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSnowflake } from '#lib/warehouse/snowflake/snowflake.ts'
import { loadOf, song } from '#lib/warehouse/testing.ts'
import { newListener } from '#testing/snowflake/listener.ts'
import { startSnowflakeServer } from '#testing/snowflake/server.ts'
import type { SnowflakeServer } from '#testing/snowflake/snowflake-server.ts'
import { dropLiveTables, liveOptions } from './live.ts'

// Tests with a real account drop tables there, so this checks what they drop.
let server: SnowflakeServer

beforeAll(async () => {
  server = await startSnowflakeServer()
})
afterAll(() => server.stop())

test('drops its own tables and nothing else', async () => {
  const { address, credential } = await newListener(server)
  const privateKey = 'privateKey' in credential ? credential.privateKey : ''
  const options = liveOptions({ address, privateKey, endpoint: server.url })
  const tables = () => [...(server.account.schema(address.database, 'RAW')?.tables.keys() ?? [])]
  const fill = async (owner = options.owner) => {
    const warehouse = openSnowflake({ ...options, memory: {}, owner })
    await warehouse.load(loadOf([song('a')]))
    await warehouse.close()
  }
  await server.runScript(`CREATE TABLE "${address.database}"."RAW"."MINE" ("X" VARCHAR)`)
  await fill()
  await dropLiveTables(options)
  expect(tables()).toEqual(['MINE'])
  await fill({ instanceId: 'instance-1', accountId: 'somebody' })
  const before = tables()
  await expect(dropLiveTables(options)).rejects.toThrow('only for tests')
  expect(tables()).toEqual(before)
})
