import type { SnowflakeAddress, SnowflakeOptions } from '#lib/warehouse/snowflake/connection.ts'
import { type KeyPair, makeKeyPair } from '#lib/warehouse/snowflake/setup/keys.ts'
import { setupScript } from '#lib/warehouse/snowflake/setup/script.ts'
import { ACCOUNT } from './server.ts'

// Making one takes a good part of a second, and nothing depends on which one it is.
let keys: Promise<KeyPair> | undefined

/** The key pair of the tests of this process. */
export function testKeys(): Promise<KeyPair> {
  keys ??= makeKeyPair()
  return keys
}

let listeners = 0

/** Names of a connection that no other test uses. */
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

/** Sets a listener up with the script that the product prints. @returns how the door is opened for them */
export async function newListener(server: ScriptRunner, more: Partial<SnowflakeOptions> = {}): Promise<SnowflakeOptions> {
  const { publicKey, privateKey } = await testKeys()
  const address = { ...newAddress(), ...more.address }
  await server.runScript(setupScript({ ...address, publicKey }))
  return {
    credential: { method: 'key pair', privateKey },
    owner: { instanceId: 'instance-1', accountId: `account-of-${address.user}` },
    memory: {},
    tag: { run: 'run-1' },
    endpoint: server.url,
    ...more,
    address,
  }
}
