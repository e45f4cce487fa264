import { asProblem, RequestProblem } from '#app/_ui/request.ts'
import { startImport } from '#lib/api/client.ts'
import type { ErrorResponse } from '#lib/api/shapes.ts'

export interface Upload {
  done: Promise<void>
  cancel(): void
}

/**
 * Uploads files. fetch can't report how much of a body has been sent, so this uses XMLHttpRequest.
 * @throws RequestProblem from `done`
 */
export function upload(
  files: File[],
  onProgress: (progress: { sent: number; total: number; secondsLeft: number | null }) => void,
): Upload {
  const form = new FormData()
  for (const file of files) form.append('files', file)
  const request = new XMLHttpRequest()
  const started = performance.now()
  const done = new Promise<void>((resolve, reject) => {
    request.upload.onprogress = ({ loaded: sent, total }) => {
      const elapsed = (performance.now() - started) / 1_000
      const isKnown = elapsed > 1 && sent > 0
      onProgress({ sent, total, secondsLeft: isKnown ? Math.ceil(((total - sent) * elapsed) / sent) : null })
    }
    request.onload = () => (request.status < 300 ? resolve() : reject(problemIn(request)))
    request.onerror = () =>
      reject(new RequestProblem(0, 'The upload was cut off.', 'Check your connection, then choose the files again.'))
    request.onabort = () => reject(new RequestProblem(0, 'The upload was canceled.', 'Nothing was imported.'))
  })
  request.open(startImport.method, startImport.path)
  request.send(form)
  return { done, cancel: () => request.abort() }
}

function problemIn({ status, responseText }: XMLHttpRequest): RequestProblem {
  try {
    const { error }: ErrorResponse = JSON.parse(responseText)
    return new RequestProblem(status, error.message, error.remedy, error)
  } catch (error) {
    return asProblem(error)
  }
}
