import { z } from 'zod'

/** Shapes that several contracts share. */

/** A time: ISO 8601 in UTC. */
export const Time = z.iso.datetime()

/** The query parameters of every list. */
export const PageQuery = z.object({
  cursor: z.string().max(64).optional().describe('`next` from the previous page'),
  limit: z.coerce.number<number | string>().int().min(1).max(100).default(20),
})

/** `next` of every list. */
export const next = z.string().nullable().describe('Cursor of the next page; null on the last one')

/** What is wrong and what to do about it; null if nothing is wrong. */
export const problem = { problem: z.string().nullable(), remedy: z.string().nullable() }

/** A request that was refused, or that failed. */
export const ErrorResponse = z
  .strictObject({
    error: z.strictObject({
      code: z.string(),
      message: z.string(),
      remedy: z.string(),
      fields: z.record(z.string(), z.string()).optional().describe('What is wrong with individual fields, by path'),
    }),
  })
  .meta({ id: 'ErrorResponse' })
export type ErrorResponse = z.infer<typeof ErrorResponse>

/** Of a consent. */
export const RetryAt = Time.nullable().describe(
  'When a refused sign-in is retried; null while it works or after it has ended',
)

export const PausedApp = z
  .strictObject({
    problem: z.string(),
    since: Time,
    nextLookAt: Time.nullable().describe('When Tracklake checks it next'),
    isOwn: z.boolean().describe('True if a listener added it; otherwise it’s the instance’s app'),
  })
  .meta({ id: 'PausedApp', description: 'A Spotify app that is paused because its owner’s Premium has lapsed' })
export type PausedApp = z.infer<typeof PausedApp>

export const AppPlaces = z
  .strictObject({ taken: z.int(), most: z.int() })
  .meta({ id: 'AppPlaces', description: 'How many listeners sign in through an app, and how many Spotify allows' })
export type AppPlaces = z.infer<typeof AppPlaces>

/** The result of one check of a Spotify app. */
export const AppCheck = z
  .strictObject({
    name: z.string(),
    ok: z.boolean(),
    message: z.string(),
    remedy: z.string().nullable(),
    field: z.enum(['clientId', 'clientSecret']).optional().describe('The form field that is wrong'),
  })
  .meta({ id: 'AppCheck' })
export type AppCheck = z.infer<typeof AppCheck>

/** Typed to confirm a deletion. */
export const Confirmation = z.object({ confirm: z.string().max(500).describe('The listener’s name, typed to confirm') })

export const EraseReceipt = z
  .strictObject({
    receipt: z.string(),
    erasedAt: Time,
    postgresRows: z.record(z.string(), z.number()),
    landedObjects: z.int(),
    /** Earlier versions, which only some S3 buckets keep. */
    landedVersions: z.int(),
    warehouseFiles: z.int(),
    published: z
      .strictObject({
        files: z.int().describe('In the folder'),
        objects: z.int().describe('Deleted from the bucket'),
        versions: z.int().describe('Earlier versions, deleted from the bucket'),
        left: z.int().describe('Left in the bucket, because it could not be used'),
      })
      .describe('Files that were published to the lake'),
  })
  .meta({ id: 'EraseReceipt' })
export type EraseReceipt = z.infer<typeof EraseReceipt>
