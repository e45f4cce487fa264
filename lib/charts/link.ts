import { z } from 'zod'
import { spotifyUrls } from '#lib/core/config.ts'
import { isSafeLink } from '#lib/core/links.ts'

/**
 * A link or picture in a row; null if it isn't safe. Responses are checked on arrival, but an older version, or someone
 * else in Snowflake, may have written the row.
 */
export const Link = z
  .string()
  .nullable()
  .overwrite((link) => (link !== null && isSafeLink(link, spotifyUrls().api) ? link : null))
