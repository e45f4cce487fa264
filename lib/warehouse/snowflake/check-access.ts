import { Stop } from '#lib/core/errors.ts'
import { normaliseAccount } from './account.ts'
import { type Checking, type Finding, ok } from './checking.ts'
import type { CheckName, SnowflakeAddress } from './connection.ts'
import { bound, exact, type Sql, sql } from './sql.ts'

/** Cloud services answer it without a warehouse. */
const CONTEXT: Sql = sql`SELECT CURRENT_ORGANIZATION_NAME() AS "ORGANIZATION", CURRENT_ACCOUNT_NAME() AS "ACCOUNT",
  CURRENT_USER() AS "USER_NAME", CURRENT_ROLE() AS "ROLE", CURRENT_WAREHOUSE() AS "WAREHOUSE",
  CURRENT_DATABASE() AS "DATABASE", CURRENT_SCHEMA() AS "SCHEMA", CURRENT_VERSION() AS "VERSION"`

/** Signs in, which is the only way to learn whether the address is right. */
export async function checkAddress(checking: Checking): Promise<Finding> {
  const { account, endpoint } = { ...checking.options.address, endpoint: checking.options.endpoint }
  const { names, rows } = await checking.session.run(CONTEXT, { warehouse: false })
  for (const [index, name] of names.entries()) {
    const value = rows[0]?.[index]
    checking.context[name] = typeof value === 'string' ? value : null
  }
  const normalised = normaliseAccount(account)
  return ok(`Snowflake answers at ${endpoint ?? (normalised.ok ? normalised.host : account)}.`)
}

/** The session that the first check opened; a refused sign-in is thrown again here. */
export async function signsIn(checking: Checking): Promise<Finding> {
  await checking.session.run(CONTEXT, { warehouse: false })
  const { organization, account } = checking.context
  return ok(`Signed in${organization && account ? ` to ${organization}-${account}` : ''}.`)
}

const USE = {
  role: sql`USE ROLE`,
  warehouse: sql`USE WAREHOUSE`,
  database: sql`USE DATABASE`,
} as const

/** A sign-in succeeds with names that do not exist; only USE says so. */
export function looksAt(kind: 'role' | 'database') {
  return async ({ session, options, context }: Checking): Promise<Finding> => {
    const name = options.address[kind]
    if (context[kind] !== name) await use(session, kind, options.address)
    return ok(kind === 'role' ? `The role ${name} is granted.` : `The database ${name} may be used.`)
  }
}

/** Also computes something: a session can name a warehouse that its account may not start. */
export async function checkWarehouse({ session, options, context }: Checking): Promise<Finding> {
  const { warehouse } = options.address
  if (context.warehouse !== warehouse) await use(session, 'warehouse', options.address)
  await session.run(sql`SELECT COUNT(*) AS "N" FROM TABLE(FLATTEN(INPUT => PARSE_JSON(${bound('[1]')}))) f`)
  return ok(`The warehouse ${warehouse} works.`)
}

async function use(
  session: Checking['session'],
  kind: keyof typeof USE & CheckName,
  address: SnowflakeAddress,
): Promise<void> {
  const name = address[kind]
  try {
    await session.run(sql`${USE[kind]} ${exact(name)}`, { warehouse: false })
  } catch (thrown) {
    throw new Stop(
      `The ${kind} ${name} does not exist, or ${kind === 'role' ? 'the user' : 'the role'} may not use it`,
      {
        remedy: REMEDIES[kind](address),
        context: { kind: 'needs you', check: kind },
        cause: thrown,
      },
    )
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
