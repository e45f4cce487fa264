import type { RunDetailResponse, RunProgressResponse, StreamRun } from '#lib/api/runs.ts'

const LINES = 40

function streamWords({ stream, state, attempt, pages, items, requests, problem }: StreamRun): string {
  const counts = `attempt ${attempt}, ${pages} pages, ${items} items, ${requests} requests`
  return `- ${stream}: ${state}, ${counts}${problem ? `. ${problem}` : ''}`
}

/** A run as text to paste: states, counts, problems and the newest log lines; no names, nothing of the music. */
export function bugReport(run: RunDetailResponse, lines: RunProgressResponse['lines']): string {
  return [
    `Run ${run.id}: ${run.kind} by ${run.trigger}, ${run.state}`,
    `queued ${run.queuedAt}, started ${run.startedAt ?? '–'}, ended ${run.endedAt ?? '–'}`,
    ...(run.problem ? [`Problem: ${run.problem} ${run.remedy ?? ''}`] : []),
    '',
    'Streams:',
    ...run.streams.map(streamWords),
    '',
    'Log:',
    ...lines.slice(-LINES).map(({ at, stream, level, message }) => `${at} ${level} ${stream} ${message}`),
  ].join('\n')
}
