import { z } from 'zod'

// A PEM of 4096 bits has about 3,300 characters.
const LONGEST_KEY = 16_384
const text = (longest: number) => z.string().max(longest)

/** What the form of /connections/snowflake sends; the fields themselves are looked at one by one, each with its words. */
export const Form = z.object({
  account: text(500),
  user: text(300),
  method: z.enum(['key pair', 'pasted key', 'token', 'password']),
  role: text(300),
  warehouse: text(300),
  database: text(300),
  schema: text(300),
  tokenEndsOn: text(10).nullable().default(null),
  privateKey: text(LONGEST_KEY).optional(),
  passphrase: text(1_000).optional(),
  token: text(8_000).optional(),
  password: text(1_000).optional(),
})
