import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { openSession, type Session } from '#lib/warehouse/snowflake/driver/session.ts'
import { openSnowflake } from '#lib/warehouse/snowflake/snowflake.ts'
import { loadOf, song } from '#lib/warehouse/testing.ts'
import { newListener } from '#testing/snowflake/listener.ts'
import { startSnowflakeServer } from '#testing/snowflake/server.ts'
import type { SnowflakeServer } from '#testing/snowflake/snowflake-server.ts'
import { openListing } from './listing.ts'
import { claim, claimSchema } from './owner.ts'

let server: SnowflakeServer
let options: SnowflakeOptions

beforeAll(async () => {
  server = await startSnowflakeServer()
})
afterAll(() => server.stop())
beforeEach(async () => {
  options = await newListener(server)
  server.clearTraffic()
})
afterEach(() => server.clearFaults())

const as = (instanceId: string, accountId: string): SnowflakeOptions => ({
  ...options,
  memory: {},
  owner: { instanceId, accountId },
})
const refusal = { recovery: 'stop', context: { kind: 'needs you', check: 'schema' } }
const table = (name: string) => `"${options.address.database}"."RAW"."${name}"`

async function load(options: SnowflakeOptions): Promise<unknown> {
  const warehouse = openSnowflake(options)
  try {
    const found = await warehouse.load(loadOf([song('a')]))
    await warehouse.flush()
    return found
  } finally {
    await warehouse.close()
  }
}

const owners = async () => {
  const results = await server.runScript(`SELECT "INSTANCE_ID", "ACCOUNT_ID" FROM ${table('TRACKLAKE_OWNER')}`)
  return results.at(-1)?.rows
}

test('claiming marks the schema once', async () => {
  await claimSchema(as('one', 'me'))
  await claimSchema(as('one', 'me'))
  expect(await owners()).toEqual([['one', 'me']])
  expect(
    server.statements().filter(({ text }) => text.startsWith('CREATE TABLE') && text.includes('OWNER')),
  ).toHaveLength(1)
})

test('refuses another listener, in the claim and in every session', async () => {
  await claimSchema(as('one', 'me'))
  await expect(claimSchema(as('one', 'you'))).rejects.toMatchObject(refusal)
  await expect(load(as('one', 'you'))).rejects.toMatchObject(refusal)
  const warehouse = openSnowflake(as('one', 'you'))
  await expect(warehouse.query('select 1 as one', [])).rejects.toMatchObject(refusal)
  await expect(warehouse.digests([])).rejects.toMatchObject(refusal)
  await warehouse.close()
  expect(await owners()).toEqual([['one', 'me']])
})

test('the same listener can take it over with another instance, and the earlier one stops', async () => {
  await load(as('one', 'me'))
  await expect(load(as('two', 'me'))).rejects.toMatchObject(refusal)
  await claimSchema(as('two', 'me'))
  expect(await owners()).toEqual([['two', 'me']])
  await load(as('two', 'me'))
  await expect(load(as('one', 'me'))).rejects.toMatchObject(refusal)
})

test('only one of several simultaneous claims succeeds', async () => {
  const claims = await Promise.allSettled(['me', 'you', 'they'].map((accountId) => claimSchema(as('one', accountId))))
  expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const claim of claims) if (claim.status === 'rejected') expect(claim.reason).toMatchObject(refusal)
})

test.for<[string, string, boolean]>([
  ['the same listener', 'me', true],
  ['another listener', 'you', false],
])('%s claims at the same moment, after the schema was found free', async ([, rival, wins]) => {
  const session = openSession(as('one', 'me'))
  let interfered = false
  const interrupted: Session = {
    ...session,
    async run(statement, more) {
      const result = await session.run(statement, more)
      if (!interfered) {
        interfered = true
        await claimSchema(as('one', rival))
      }
      return result
    },
  }
  const owner = { instanceId: 'one', accountId: 'me' }
  const claimed = claim(interrupted, options.address, owner, openListing(options.address))
  if (wins) await claimed
  else await expect(claimed).rejects.toMatchObject({ ...refusal, message: expect.stringContaining('another listener') })
  await session.close()
  expect(await owners()).toEqual([['one', rival]])
})

test('if both wrote their mark, the older one wins', async () => {
  await claimSchema(as('one', 'me'))
  await server.runScript(`INSERT INTO ${table('TRACKLAKE_OWNER')} ("INSTANCE_ID", "ACCOUNT_ID", "CLAIMED_AT")
    SELECT 'one', 'you', TO_TIMESTAMP_NTZ(4000000000000, 3)`)
  await expect(claimSchema(as('one', 'you'))).rejects.toMatchObject(refusal)
  await claimSchema(as('one', 'me'))
})

test('refuses a foreign owner table and leaves it alone', async () => {
  await server.runScript(`CREATE TABLE ${table('TRACKLAKE_OWNER')} ("INSTANCE_ID" VARCHAR, "ACCOUNT_ID" VARCHAR, "CLAIMED_AT" TIMESTAMP_NTZ(3));
    GRANT ALL PRIVILEGES ON TABLE ${table('TRACKLAKE_OWNER')} TO ROLE "${options.address.role}"`)
  await expect(claimSchema(as('one', 'me'))).rejects.toMatchObject(refusal)
  expect(await owners()).toEqual([])
})

test('a load marks an unowned schema, a query does not', async () => {
  const warehouse = openSnowflake(options)
  expect(await warehouse.existing('raw', ['songs'])).toEqual([])
  expect(server.statements().filter(({ text }) => text.startsWith('CREATE'))).toEqual([])
  await warehouse.load(loadOf([song('a')]))
  await warehouse.close()
  expect(await owners()).toEqual([[options.owner.instanceId, options.owner.accountId]])
})
