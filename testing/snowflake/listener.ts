import type { SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import type { SnowflakeAddress } from '#lib/warehouse/snowflake/setup/identifier.ts'
import { type KeyPair, makeKeyPair } from '#lib/warehouse/snowflake/setup/keys.ts'
import { setupScript } from '#lib/warehouse/snowflake/setup/script.ts'
import { ACCOUNT } from './server.ts'

// Generating a key takes most of a second, and the tests don't depend on a particular one.
let keys: Promise<KeyPair> | undefined

/** The key pair of the tests of this process. */
export function testKeys(): Promise<KeyPair> {
  keys ??= makeKeyPair()
  return keys
}

let listeners = 0

/** Connection names that no other test uses. */
function newAddress(): SnowflakeAddress {
  listeners += 1
  const name = `L${listeners}`
  return {
    account: ACCOUNT,
    user: `${name}_USER`,
    role: `${name}_ROLE`,
    warehouse: `${name}_WH`,
    database: name,
    schema: 'RAW',
  }
}

interface ScriptRunner {
  url: string
  runScript(sql: string): Promise<unknown>
}

/** Sets a listener up with the product's setup script. @returns the options of their connection */
export async function newListener(
  server: ScriptRunner,
  more: Partial<SnowflakeOptions> = {},
): Promise<SnowflakeOptions> {
  const { publicKey, privateKey } = await testKeys()
  const address = { ...newAddress(), ...more.address }
  const owner = { instanceId: 'instance-1', accountId: `account-of-${address.user}` }
  await server.runScript(setupScript({ ...address, publicKey, instanceId: owner.instanceId }))
  return {
    credential: { method: 'key pair', privateKey },
    owner,
    memory: {},
    tag: { run: 'run-1' },
    endpoint: server.url,
    ...more,
    address,
  }
}
