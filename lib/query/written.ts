import { z } from 'zod'
import type { BuildInfo } from '#lib/api/checks.ts'
import type { ModelBuild } from '#lib/db.ts'

const Written = z.array(z.object({ name: z.string(), rows: z.int().nullable(), ms: z.int() })).catch([])

/** The tables that a build wrote, with the rows written. */
export function writtenBy({ models }: Pick<ModelBuild, 'models'>): BuildInfo['models'] {
  return Written.parse(models).flatMap(({ name, rows, ms }) => (rows === null ? [] : { name, rows, ms }))
}
