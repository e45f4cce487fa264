import { settings } from '#lib/core/config.ts'
import { proxyVariables } from '#lib/core/proxy.ts'
import { db, type LakeFile } from '#lib/db.ts'
import { type Glue, type GlueTable, openGlue } from '#lib/glue/glue.ts'
import type { LakeKeys, LakePlace } from './bucket.ts'
import { type CatalogTable, hiveColumns, locationOf } from './catalog.ts'
import { hashOf } from './folder.ts'
import type { Hold } from './lease.ts'

/** Keeps the tables of a Glue database like the published files. Glue is only called when columns or places change. */

function openLakeGlue({ region }: LakePlace, keys: LakeKeys | null, database: string): Glue {
  return openGlue({ region, database, ...(keys ? { keys } : {}), proxy: proxyVariables(settings()) })
}

interface Target {
  place: LakePlace
  keys: LakeKeys | null
  database: string
  owner: string
}

/** @param gone files whose tables are gone */
export async function describeInGlue(
  hold: Hold,
  target: Target,
  tables: CatalogTable[],
  gone: LakeFile[],
): Promise<void> {
  const { userId } = hold.connection
  const { database, owner, place } = target
  const described = new Map(
    (await db().lakeFile.findMany({ where: { userId }, select: { path: true, glueTable: true } })).map((file) => [
      file.path,
      file.glueTable,
    ]),
  )
  const definitions = tables.map((table) => ({ path: table.path, table: definitionOf(table, place, owner) }))
  const changed = definitions.filter(({ path, table }) => described.get(path) !== markOf(database, table))
  const removed = gone.filter(({ glueTable }) => glueTable !== null)
  if (changed.length + removed.length === 0) return
  const glue = openLakeGlue(place, target.keys, database)
  try {
    await glue.ensureDatabase()
    for (const { path, table } of changed) {
      hold.signal.throwIfAborted()
      await glue.putTable(table)
      await hold.commit({}, async (tx) => {
        await tx.lakeFile.updateMany({ where: { userId, path }, data: { glueTable: markOf(database, table) } })
      })
    }
    for (const { name } of removed) await glue.removeTable(name ?? '', owner)
  } finally {
    glue.close()
  }
}

function definitionOf(table: CatalogTable, place: LakePlace, owner: string): GlueTable {
  const { path, name, title, description } = table
  return {
    name,
    location: locationOf({ ...place, glueDatabase: null }, table),
    format: path.endsWith('.csv') ? 'csv' : 'parquet',
    description: [title, description].filter(Boolean).join('. '),
    columns: hiveColumns(table),
    owner,
  }
}

const markOf = (database: string, table: GlueTable) => hashOf(JSON.stringify([database, table]))

/** Creates, changes and deletes a table, to see whether Tracklake may. */
export async function tryGlue(place: LakePlace, keys: LakeKeys | null, database: string): Promise<void> {
  const glue = openLakeGlue(place, keys, database)
  const owner = 'check'
  const probe: GlueTable = {
    name: 'tracklake_check',
    location: locationOf({ ...place, glueDatabase: null }, { path: 'refined/tracklake_check/data.parquet' }),
    format: 'parquet',
    description: 'Tracklake checks that it may create tables. It deletes this one again.',
    columns: [{ name: 'id', type: 'string', comment: '' }],
    owner,
  }
  try {
    await glue.ensureDatabase()
    await glue.putTable(probe)
    await glue.putTable(probe)
    await glue.removeTable(probe.name, owner)
  } finally {
    glue.close()
  }
}

/** Removes tables of a listener. */
export async function removeFromGlue(target: Target, names: string[]): Promise<void> {
  if (names.length === 0) return
  const glue = openLakeGlue(target.place, target.keys, target.database)
  try {
    for (const name of names) await glue.removeTable(name, target.owner)
  } finally {
    glue.close()
  }
}
