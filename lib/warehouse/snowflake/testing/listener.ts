import type { SnowflakeAddress, SnowflakeOptions } from '../connection.ts'
import { type KeyPair, makeKeyPair } from '../keys.ts'
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
export function newAddress(): SnowflakeAddress {
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

/** Grants no more than the product's own script does. */
function minimalScript({ user, role, warehouse, database, schema }: SnowflakeAddress, publicKey: string): string {
  const schemas = ['', '_STAGING', '_ANALYTICAL', '_REPORTING'].map((suffix) => `"${database}"."${schema}${suffix}"`)
  return `
    CREATE ROLE "${role}";
    CREATE WAREHOUSE "${warehouse}" WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 60 AUTO_RESUME = TRUE INITIALLY_SUSPENDED = TRUE;
    CREATE DATABASE "${database}";
    GRANT USAGE ON WAREHOUSE "${warehouse}" TO ROLE "${role}";
    GRANT USAGE ON DATABASE "${database}" TO ROLE "${role}";
    ${schemas.map((path) => `CREATE SCHEMA ${path}; GRANT USAGE, CREATE TABLE ON SCHEMA ${path} TO ROLE "${role}";`).join('\n')}
    CREATE USER "${user}" TYPE = SERVICE DEFAULT_ROLE = "${role}" RSA_PUBLIC_KEY = '${publicKey}';
    GRANT ROLE "${role}" TO USER "${user}";`
}

interface Orders {
  url: string
  runScript(sql: string): Promise<unknown>
}

/** Sets a listener up on a test server. @returns how the door is opened for them */
export async function newListener(server: Orders, more: Partial<SnowflakeOptions> = {}): Promise<SnowflakeOptions> {
  const { publicKey, privateKey } = await testKeys()
  const address = { ...newAddress(), ...more.address }
  await server.runScript(minimalScript(address, publicKey))
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
