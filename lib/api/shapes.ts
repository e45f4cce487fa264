import { z } from 'zod'

/** Pieces that several contracts are made of. */

/** A moment: ISO 8601 in UTC. */
export const Time = z.iso.datetime()

/** `cursor` and `limit` of every list. */
export const PageQuery = z.object({
  cursor: z.string().max(64).optional().describe('`next` of the page before'),
  limit: z.coerce.number<number | string>().int().min(1).max(100).default(20),
})

/** `next` of every list. */
export const next = z.string().nullable().describe('The cursor of the next page; null on the last one')

/** What is wrong, and what to do about it; null while nothing is. */
export const problem = { problem: z.string().nullable(), remedy: z.string().nullable() }

/** A request that was refused, or that failed. */
export const ErrorResponse = z
  .strictObject({
    error: z.strictObject({
      code: z.string(),
      message: z.string(),
      remedy: z.string(),
      fields: z.record(z.string(), z.string()).optional().describe('What is wrong with single fields, by their path'),
    }),
  })
  .meta({ id: 'ErrorResponse' })
export type ErrorResponse = z.infer<typeof ErrorResponse>

export const PausedApp = z
  .strictObject({
    problem: z.string(),
    since: Time,
    nextLookAt: Time.nullable().describe('Nothing is tried until then'),
    isOwn: z.boolean().describe('A listener brought it; else it belongs to the instance'),
  })
  .meta({ id: 'PausedApp', description: 'A Spotify app that is not used because its owner’s Premium lapsed' })
export type PausedApp = z.infer<typeof PausedApp>

export const AppPlaces = z
  .strictObject({ taken: z.int(), most: z.int() })
  .meta({ id: 'AppPlaces', description: 'Listeners who sign in through an app, and how many Spotify allows' })
export type AppPlaces = z.infer<typeof AppPlaces>

/** One finding about a Spotify app that somebody entered. */
export const AppCheck = z
  .strictObject({
    name: z.string(),
    ok: z.boolean(),
    message: z.string(),
    remedy: z.string().nullable(),
    field: z.enum(['clientId', 'clientSecret']).optional().describe('Which field of the form is wrong'),
  })
  .meta({ id: 'AppCheck' })
export type AppCheck = z.infer<typeof AppCheck>

/** Typed to confirm a deletion. */
export const Confirmation = z.object({ confirm: z.string().max(500).describe('The name of the listener') })

export const EraseReceipt = z
  .strictObject({
    receipt: z.string(),
    erasedAt: Time,
    postgresRows: z.record(z.string(), z.number()),
    landedObjects: z.int(),
    warehouseFiles: z.int(),
  })
  .meta({ id: 'EraseReceipt' })
export type EraseReceipt = z.infer<typeof EraseReceipt>
