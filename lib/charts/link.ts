import { z } from 'zod'
import { spotifyUrls } from '#lib/core/config.ts'
import { isSafeLink } from '#lib/core/links.ts'

/**
 * A link or picture in a row; null if it isn't safe. Responses are checked when they arrive, but tables may have been
 * written by an older version or, in Snowflake, by others.
 */
export const Link = z
  .string()
  .nullable()
  .overwrite((link) => (link !== null && isSafeLink(link, spotifyUrls().api) ? link : null))
