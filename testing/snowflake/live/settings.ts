import { readFileSync } from 'node:fs'
import type { SnowflakeAddress } from '#lib/warehouse/snowflake/setup/identifier.ts'

type Environment = Record<string, string | undefined>

const NAMES = ['ACCOUNT', 'USER', 'ROLE', 'WAREHOUSE', 'DATABASE', 'SCHEMA'].map((name) => `SNOWFLAKE_TEST_${name}`)
const KEY = 'SNOWFLAKE_TEST_PRIVATE_KEY'

/** The real account that `npm run test:snowflake` uses. */
export interface LiveAccount {
  address: SnowflakeAddress
  privateKey: string
  /** SNOWFLAKE_ENDPOINT, as for the product: a private link. */
  endpoint?: string
}

/** Which of SNOWFLAKE_TEST_… are missing. */
export function missingSettings(environment: Environment): string[] {
  const hasKey = Boolean(environment[KEY] || environment[`${KEY}_FILE`])
  return [...NAMES.filter((name) => !environment[name]), ...(hasKey ? [] : [`${KEY} or ${KEY}_FILE`])]
}

export function readSettings(environment: Environment): LiveAccount {
  const read = (name: string) => environment[`SNOWFLAKE_TEST_${name}`] ?? ''
  const file = environment[`${KEY}_FILE`]
  return {
    address: {
      account: read('ACCOUNT'),
      user: read('USER'),
      role: read('ROLE'),
      warehouse: read('WAREHOUSE'),
      database: read('DATABASE'),
      schema: read('SCHEMA'),
    },
    privateKey: environment[KEY] || (file ? readFileSync(file, 'utf8') : ''),
    ...(environment.SNOWFLAKE_ENDPOINT && { endpoint: environment.SNOWFLAKE_ENDPOINT }),
  }
}
