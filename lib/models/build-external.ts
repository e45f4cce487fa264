import { type Clock, now as present } from '#lib/core/clock.ts'
import type { ExternalWarehouse } from '#lib/warehouse/warehouse.ts'
import { NOW, type Project, tracklakeProject } from './project.ts'
import { SOURCES } from './sources.ts'

/**
 * Writes all models of an external warehouse from the start. Its raw tables, with the settings, must be up to date.
 * Readers see the last build until this one is complete.
 */
export async function buildExternalModels(
  warehouse: ExternalWarehouse,
  { now = present, project = tracklakeProject() }: { now?: Clock; project?: Project } = {},
): Promise<void> {
  const at = (sql: string) => sql.replaceAll(NOW, now().toISOString().replace('Z', ''))
  const models = project.models(warehouse.kind, (schema, name) => warehouse.nameInDatabase(schema, name))
  await warehouse.build({
    version: project.digest,
    sources: [...SOURCES],
    relations: models.map(({ layer, name, materialized, full, postHook }) => ({
      schema: layer,
      name,
      isView: materialized === 'view',
      select: at(full),
      after: postHook && at(postHook),
    })),
  })
}
