import { Failure, Stop } from '#lib/core/errors.ts'
import type { CheckName } from '#lib/warehouse/snowflake/connection.ts'
import { normalizeAccount } from '#lib/warehouse/snowflake/setup/account.ts'
import type { SnowflakeAddress } from '#lib/warehouse/snowflake/setup/identifier.ts'
import { bound, exact, type Sql, sql } from '#lib/warehouse/snowflake/sql.ts'
import { type CheckContext, type Finding, ok } from './finding.ts'

/** Runs without a virtual warehouse. */
const CONTEXT: Sql = sql`SELECT CURRENT_ORGANIZATION_NAME() AS "ORGANIZATION", CURRENT_ACCOUNT_NAME() AS "ACCOUNT",
  CURRENT_USER() AS "USER_NAME", CURRENT_ROLE() AS "ROLE", CURRENT_WAREHOUSE() AS "WAREHOUSE",
  CURRENT_DATABASE() AS "DATABASE", CURRENT_SCHEMA() AS "SCHEMA", CURRENT_VERSION() AS "VERSION"`

/** Signs in, because nothing else shows whether the address is right. */
export async function checkAddress(check: CheckContext): Promise<Finding> {
  const { account, endpoint } = { ...check.options.address, endpoint: check.options.endpoint }
  const { names, rows } = await check.session.run(CONTEXT)
  for (const [index, name] of names.entries()) {
    const value = rows[0]?.[index]
    check.context[name] = typeof value === 'string' ? value : null
  }
  const normalised = normalizeAccount(account)
  return ok(`Snowflake responds at ${endpoint ?? (normalised.ok ? normalised.host : account)}.`)
}

/** Reports a refused sign-in. The previous check also tried to sign in, but passes if only the address was right. */
export async function checkSignIn(check: CheckContext): Promise<Finding> {
  if (!('user_name' in check.context)) await check.session.run(CONTEXT)
  const { organization, account } = check.context
  return ok(`Signed in${organization && account ? ` to ${organization}-${account}` : ''}.`)
}

const USE = {
  role: sql`USE ROLE`,
  warehouse: sql`USE WAREHOUSE`,
  database: sql`USE DATABASE`,
} as const

/** A sign-in succeeds even with names that don't exist; only USE reports them. */
export function checkObject(kind: 'role' | 'database') {
  return async ({ session, options, context }: CheckContext): Promise<Finding> => {
    const name = options.address[kind]
    if (context[kind] !== name) await use(session, kind, options.address)
    return ok(kind === 'role' ? `The role ${name} is granted.` : `The role can use the database ${name}.`)
  }
}

/** Also runs a query: a session can name a warehouse that its account cannot start. */
export async function checkWarehouse({ session, options, context }: CheckContext): Promise<Finding> {
  const { warehouse } = options.address
  if (context.warehouse !== warehouse) await use(session, 'warehouse', options.address)
  await session.run(sql`SELECT COUNT(*) AS "N" FROM TABLE(FLATTEN(INPUT => PARSE_JSON(${bound('[1]')}))) f`)
  return ok(`The warehouse ${warehouse} works.`)
}

async function use(
  session: CheckContext['session'],
  kind: keyof typeof USE & CheckName,
  address: SnowflakeAddress,
): Promise<void> {
  const name = address[kind]
  try {
    await session.run(sql`${USE[kind]} ${exact(name)}`)
  } catch (error) {
    if (error instanceof Failure && error.recovery !== 'stop') throw error
    throw new Stop(`The ${kind} ${name} doesn't exist, or ${kind === 'role' ? 'the user' : 'the role'} can't use it`, {
      remedy: REMEDIES[kind](address),
      context: { kind: 'needs you', check: kind },
      cause: error,
    })
  }
}

const REMEDIES = {
  role: ({ role, user }: SnowflakeAddress) =>
    `Check the name, and run: GRANT ROLE ${exact(role).text} TO USER ${exact(user).text}`,
  warehouse: ({ warehouse, role }: SnowflakeAddress) =>
    `Check the name, and run: GRANT USAGE ON WAREHOUSE ${exact(warehouse).text} TO ROLE ${exact(role).text}`,
  database: ({ database, role }: SnowflakeAddress) =>
    `Check the name, and run: GRANT USAGE ON DATABASE ${exact(database).text} TO ROLE ${exact(role).text}`,
}
