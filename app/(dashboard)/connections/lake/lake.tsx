'use client'

import dynamic from 'next/dynamic'
import { Link } from '#app/_ui/link.tsx'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { CALM_MS, LIVE_MS, useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getLake } from '#lib/api/client.ts'
import { BucketPanel } from './bucket-panel.tsx'
import { FilesPanel } from './files-panel.tsx'
import { StatePanel } from './state-panel.tsx'

// At the end of the page, and only once something is published.
const ScriptsPanel = dynamic(() => import('./scripts-panel.tsx').then((module) => module.ScriptsPanel))

/** The listener's tables as files: in a folder, and in a bucket of their own. */
export function Lake() {
  const { data, isPending, error, refetch } = useEndpoint(getLake, {
    every: (lake) => (lake?.state === 'queued' || lake?.state === 'publishing' ? LIVE_MS : CALM_MS),
  })
  return (
    <>
      <PageHeader title="Data lake" />
      <p>
        <Link href="/connections">All connections</Link>
      </p>
      {isPending ? (
        <Placeholder height={640} />
      ) : data ? (
        <>
          <StatePanel lake={data} />
          <BucketPanel lake={data} />
          {data.files.length > 0 && <FilesPanel lake={data} />}
          {data.scripts.athena && <ScriptsPanel lake={data} />}
        </>
      ) : (
        <ProblemPanel problem={asProblem(error)} onRetry={() => refetch()} />
      )}
    </>
  )
}
