import { existsSync } from 'node:fs'
import path from 'node:path'
import { settings } from '#lib/core/config.ts'
import { isS3Address, s3Location } from '#lib/core/s3-address.ts'
import type { WarehouseConnection } from '#lib/db.ts'
import { folderLanding } from '#lib/landing/folder.ts'
import type { Landing } from '#lib/landing/landing.ts'
import { s3Landing } from '#lib/landing/s3.ts'
import { openBucket } from '#lib/s3/bucket.ts'
import { instanceBucket } from '#lib/s3/instance.ts'
import { warehouses } from '#lib/warehouse/index.ts'
import type { EmbeddedWarehouse } from '#lib/warehouse/warehouse.ts'

/** Demo and real keep their data apart. */
function dataFolder(): string {
  const { DATA_DIR, TRACKLAKE_MODE } = settings()
  return path.resolve(DATA_DIR, TRACKLAKE_MODE)
}

let inS3: { address: string; landing: Landing } | undefined

/** The landing zone of this instance. */
export function landing(): Landing {
  const { LANDING_URL } = settings()
  if (!isS3Address(LANDING_URL)) return folderLanding(LANDING_URL ?? path.join(dataFolder(), 'landing'))
  if (inS3?.address !== LANDING_URL) {
    const { bucket, prefix } = s3Location(LANDING_URL)
    inS3 = { address: LANDING_URL, landing: s3Landing(openBucket(instanceBucket(bucket)), prefix) }
  }
  return inS3.landing
}

/** Where a page of a read lands. Once it is loaded everywhere, it moves to `processed`. */
export function landingPath({
  stream,
  userId,
  readId,
  page,
}: {
  stream: string
  userId: string
  readId: string
  page: number
}): string {
  return `${landingFolder('to_process', { stream, userId })}/${readId}/${String(page).padStart(5, '0')}.json.gz`
}

/** The folders of the landing zone. Each has a folder for each stream, and that one for each listener. */
const LANDING_FOLDERS = ['to_process', 'processed', 'packed'] as const

/** Where a stream's responses for a listener are. */
export function landingFolder(
  folder: (typeof LANDING_FOLDERS)[number],
  { stream, userId }: { stream: string; userId: string },
): string {
  return `raw_data/${folder}/${stream}/${userId}`
}

/** All folders of a stream's responses for a listener. */
export function landingFolders(list: { stream: string; userId: string }): string[] {
  return LANDING_FOLDERS.map((folder) => landingFolder(folder, list))
}

/** The folders of the landing zone for files of other programs. Each has a folder for each listener. */
export const UPLOADS = {
  toProcess: 'uploads/to_process',
  processed: 'uploads/processed',
  refused: 'uploads/refused',
} as const

/**
 * Where uploaded files wait until they are read. Instances that share a landing folder share this one too, because any of
 * them may read an upload. With the landing zone in S3 it is local: several instances then import nothing, because
 * imports need the embedded copies of one instance.
 */
export function spoolFolder(): string {
  const { LANDING_URL } = settings()
  return path.resolve(LANDING_URL && !isS3Address(LANDING_URL) ? LANDING_URL : dataFolder(), 'spool')
}

/** Where a listener's tables are published as files. */
export function lakeFolder(userId: string): string {
  return path.join(dataFolder(), 'lake', userId)
}

/** Where they are written before they take their places; on the same disk. */
export function lakeStaging(userId: string): string {
  return path.join(dataFolder(), 'lake', '.staging', userId)
}

/** The file of a listener's embedded warehouse. */
export function duckdbFile(userId: string): string {
  return path.join(dataFolder(), 'warehouses', `${userId}.duckdb`)
}

/** Where read-only copies of the listeners' warehouses are while they are used; without a listener, of all of them. */
export function snapshotFolder(userId?: string): string {
  return path.join(dataFolder(), 'snapshots', userId ?? '')
}

/** Whether the folder of the embedded warehouses is there at all. */
export function hasWarehouseFolder(): boolean {
  return existsSync(path.join(dataFolder(), 'warehouses'))
}

/** Whether the embedded warehouse was made yet, and is still there. */
export function hasEmbeddedCopy(userId: string): boolean {
  return existsSync(duckdbFile(userId))
}

/** A listener's embedded warehouse. @throws Wait or Stop when it cannot be opened */
export function openEmbeddedCopy({ userId }: Pick<WarehouseConnection, 'userId'>): Promise<EmbeddedWarehouse> {
  return warehouses.duckdb(duckdbFile(userId))
}
