import pLimit from 'p-limit'
import { Wait } from '#lib/core/errors.ts'
import type { Bucket, ListedObject } from '#lib/s3/bucket.ts'
import { s3ProblemOf } from '#lib/s3/failures.ts'
import type { Landing, Move, MoveEnd } from './landing.ts'
import { changedFile, compressed, damaged, expanded, leadsOut, MAX_OBJECT_BYTES, missing, tooLarge } from './objects.ts'

/** Packs hold many objects. */
const MAX_PACK_BYTES = 256 * 1024 * 1024
const COPIES_AT_ONCE = 16

/**
 * The landing zone in a bucket. An object is one PutObject, so it needs no temporary name: it is there whole, or not at
 * all. A move is a copy and a deletion; after a crash between them both exist, and the next move removes the first one.
 */
export function s3Landing(bucket: Bucket, prefix: string): Landing {
  const root = prefix === '' ? '' : `${prefix}/`
  const keyOf = (path: string) => `${root}${inside(path)}`
  /** Everything below a path, and nothing beside it. */
  const below = (path: string) => (path === '' ? root : `${keyOf(path)}/`)
  const pathOf = ({ key }: ListedObject) => key.slice(root.length)

  async function* listed(path: string): AsyncGenerator<ListedObject[]> {
    yield* bucket.list(below(path))
  }

  async function getBytes(path: string, maxBytes: number, etag?: string | null): Promise<Buffer> {
    try {
      const { bytes } = await bucket.get(keyOf(path), { maxBytes, ...(etag ? { ifMatch: etag } : {}) })
      return bytes
    } catch (error) {
      const problem = s3ProblemOf(error)
      if (problem === 'missing') throw missing(path, error)
      if (problem === 'changed') throw damaged(path, error)
      if (problem === 'too large') throw tooLarge(path, { cause: error })
      throw error
    }
  }

  async function copy({ from, to, etag: ifMatch }: Move): Promise<{ etag: string | null; wasMoved: boolean }> {
    // Some stores ignore the condition of a copy.
    const source = ifMatch === undefined ? null : await bucket.stat(keyOf(from))
    if (source && source.etag !== ifMatch) throw changedFile(from)
    try {
      return { ...(await bucket.copy(keyOf(from), keyOf(to), { ifMatch })), wasMoved: false }
    } catch (error) {
      if (s3ProblemOf(error) === 'changed') throw changedFile(from, error)
      if (s3ProblemOf(error) !== 'missing') throw error
      const moved = await bucket.stat(keyOf(to))
      // Already moved, but a crash lost the record of it.
      if (moved) return { etag: moved.etag, wasMoved: true }
      throw missing(from, error)
    }
  }

  async function moveMany(moves: readonly Move[]): Promise<MoveEnd[]> {
    const limit = pLimit(COPIES_AT_ONCE)
    let unusable: Wait | undefined
    const copies = await Promise.all(
      moves.map((move) =>
        limit(async () => {
          // Each attempt takes long while the bucket can't be used.
          if (unusable) return { failure: unusable }
          return copy(move).catch((failure: unknown) => {
            if (failure instanceof Wait) unusable = failure
            return { failure }
          })
        }),
      ),
    )
    const sources = moves.filter((_, index) => isCopied(copies[index])).map(({ from }) => keyOf(from))
    try {
      if (sources.length > 0) await bucket.deleteMany(sources)
      return copies.map((end) => ('failure' in end ? end : { etag: end.etag }))
    } catch (failure) {
      return copies.map((end) => (isCopied(end) ? { failure } : end))
    }
  }

  return {
    async put(path, json) {
      return bucket.put(keyOf(path), await compressed(path, json), { type: 'application/gzip' })
    },
    async get(path, etag) {
      return expanded(path, await getBytes(path, MAX_OBJECT_BYTES, etag))
    },
    async putBytes(path, bytes) {
      await bucket.put(keyOf(path), bytes)
    },
    getBytes: async (path) => getBytes(path, MAX_PACK_BYTES),
    moveMany: async (moves) => {
      for (const { from, to } of moves) for (const path of [from, to]) inside(path)
      return moveMany(moves)
    },
    remove: async (...paths) => bucket.deleteMany(paths.map(keyOf)),
    async *list(path) {
      for await (const page of listed(path)) yield page.map(pathOf)
    },
    async *listFiles(path) {
      for await (const page of listed(path))
        yield page.map((object) => ({ path: pathOf(object), bytes: object.bytes, etag: object.etag, isComplete: true }))
    },
    async download({ path, etag, bytes }, to) {
      try {
        await bucket.download(keyOf(path), to, { maxBytes: bytes, ifMatch: etag })
      } catch (error) {
        const problem = s3ProblemOf(error)
        if (problem === 'missing' || problem === 'changed') throw changedFile(path, error)
        throw error
      }
    },
    removeAll: async (path) => bucket.removeAll(below(path)),
  }
}

function isCopied(end: { etag: string | null; wasMoved: boolean } | { failure: unknown } | undefined): boolean {
  return end !== undefined && 'wasMoved' in end && !end.wasMoved
}

/** @throws Stop for a path that a folder would not accept either */
function inside(path: string): string {
  const isInside = !path.startsWith('/') && !path.includes('\0') && !path.split('/').includes('..')
  if (isInside) return path
  throw leadsOut()
}
