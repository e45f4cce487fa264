import type { RunDetailResponse, RunProgressResponse, StreamRun } from '#lib/api/runs.ts'

const LOG_LINES = 40

function formatStream({ stream, state, attempt, pages, items, requests, problem }: StreamRun): string {
  const counts = `attempt ${attempt}, ${pages} pages, ${items} items, ${requests} requests`
  return `- ${stream}: ${state}, ${counts}${problem ? `. ${problem}` : ''}`
}

/** A run as text to paste: states, counts, problems and the newest log lines. Contains no names and no music. */
export function bugReport(run: RunDetailResponse, lines: RunProgressResponse['lines']): string {
  return [
    `Run ${run.id}: ${run.kind} by ${run.trigger}, ${run.state}`,
    `queued ${run.queuedAt}, started ${run.startedAt ?? '–'}, ended ${run.endedAt ?? '–'}`,
    ...(run.problem ? [`Problem: ${run.problem} ${run.remedy ?? ''}`] : []),
    '',
    'Streams:',
    ...run.streams.map(formatStream),
    '',
    'Log:',
    ...lines.slice(-LOG_LINES).map(({ at, stream, level, message }) => `${at} ${level} ${stream} ${message}`),
  ].join('\n')
}
