import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { LAYERS, ROOT } from './project.ts'

/** What the schema.yml files of dbt/ say about models: descriptions, and tests of columns as dbt 1.11 writes them. */

const ColumnTest = z.union([
  z.enum(['unique', 'not_null']),
  z.strictObject({ accepted_values: z.strictObject({ arguments: z.strictObject({ values: z.array(z.string()) }) }) }),
  z.strictObject({
    relationships: z.strictObject({
      arguments: z.strictObject({ to: z.string().regex(/^ref\('\w+'\)$/), field: z.string() }),
    }),
  }),
])

export type ColumnTest = z.output<typeof ColumnTest>

const SchemaFile = z.strictObject({
  version: z.literal(2),
  models: z.array(
    z.strictObject({
      name: z.string(),
      description: z.string(),
      config: z.strictObject({
        /** `row`: what one row is, in the singular; the plural adds an s. */
        meta: z.strictObject({ title: z.string(), row: z.string() }),
      }),
      columns: z.array(
        z.strictObject({
          name: z.string(),
          description: z.string(),
          data_tests: z.array(ColumnTest).default([]),
        }),
      ),
    }),
  ),
})

export type DescribedModel = z.output<typeof SchemaFile>['models'][number]

let cached: DescribedModel[] | undefined

/** All described models, by layer. */
export function describedModels(): DescribedModel[] {
  cached ??= LAYERS.flatMap(
    (layer) => SchemaFile.parse(parse(readFileSync(join(ROOT, 'models', layer, 'schema.yml'), 'utf8'))).models,
  )
  return cached
}

const SourcesFile = z.object({
  sources: z.tuple([z.object({ tables: z.array(z.object({ name: z.string() })) })]),
})

/** The names of the raw tables in sources.yml. */
export function declaredSources(): string[] {
  const [raw] = SourcesFile.parse(parse(readFileSync(join(ROOT, 'models', 'sources.yml'), 'utf8'))).sources
  return raw.tables.map(({ name }) => name)
}
