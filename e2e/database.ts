import { withClient } from '../scripts/postgres.ts'
import { DATABASE_URL } from './instance.ts'

/** Looks into the app database where pages keep silent: at secrets, and at what has to be gone. */

export interface StoredAccount {
  hasTokens: boolean
  consent: string
}

/** What is kept of a listener's connection to Spotify; undefined when there is none. @param name as the pages show it */
export async function storedAccount(name: string): Promise<StoredAccount | undefined> {
  return withClient(DATABASE_URL, async (client) => {
    const { rows } = await client.query<StoredAccount>(
      `select a.consent, a.access_token is not null or a.refresh_token is not null as "hasTokens"
       from "Account" a join "User" u on u.id = a."userId" where u.name = $1`,
      [name],
    )
    return rows[0]
  })
}
