'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { asProblem, keyOf, type RequestProblem, request } from '#app/_ui/request.ts'
import { cancelSql, getSqlHistory, runSql } from '#lib/api/client.ts'
import { SQL_LIMITS } from '#lib/api/limits.ts'
import type { SqlResult } from '#lib/api/sql.ts'

/** The wait for its turn, the query itself, and a new snapshot of a large warehouse. */
export const QUERY_DEADLINE_MS = 1_000 * (SQL_LIMITS.waitSeconds + SQL_LIMITS.seconds + 40)

/** A query as it was sent. */
export interface SentQuery {
  sql: string
  params: Record<string, string>
}

export interface RanQuery extends SentQuery {
  /** Of each run another one. */
  number: number
  result: SqlResult
}

/**
 * Runs queries, one at a time. The last result stays until the next one is there. Leaving the page ends a running query:
 * the server stops it when its caller is gone.
 */
export function useSql() {
  const client = useQueryClient()
  const controller = useRef<AbortController>(null)
  const count = useRef(0)
  const [runningSince, setRunningSince] = useState<number | null>(null)
  const [ran, setRan] = useState<RanQuery | null>(null)
  const [problem, setProblem] = useState<RequestProblem | null>(null)
  useEffect(() => () => controller.current?.abort(), [])

  async function run(query: SentQuery) {
    if (controller.current) return
    const current = new AbortController()
    controller.current = current
    setRunningSince(Date.now())
    setProblem(null)
    try {
      const options = { body: query, signal: current.signal, deadlineMs: QUERY_DEADLINE_MS }
      const result = await request(runSql, {}, options)
      setRan({ ...query, result, number: ++count.current })
    } catch (error) {
      if (current.signal.aborted) return
      setProblem(asProblem(error))
    } finally {
      if (controller.current === current) controller.current = null
      if (!current.signal.aborted) {
        setRunningSince(null)
        client.invalidateQueries({ queryKey: keyOf(getSqlHistory) })
      }
    }
  }

  /** The running query then ends with an error that says so. */
  async function cancel() {
    try {
      await request(cancelSql, {})
    } catch (error) {
      setProblem(asProblem(error))
    }
  }

  return { run, cancel, ran, problem, runningSince, dismiss: () => setProblem(null) }
}
