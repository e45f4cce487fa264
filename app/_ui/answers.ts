import type { ErrorResponse } from '#lib/api/shapes.ts'

/** No address of the app takes longer than this; a lost connection ends here. */
const DEADLINE_MS = 20_000

/** What an address of the app refused or could not do, with what to do about it. */
export class AnswerProblem extends Error {
  /** 0 when there was no answer at all. */
  readonly status: number
  readonly remedy: string
  /** What is wrong with single fields, by their name. */
  readonly fields: Record<string, string>

  constructor(status: number, message: string, remedy: string, fields: Record<string, string> = {}) {
    super(message)
    this.name = 'AnswerProblem'
    this.status = status
    this.remedy = remedy
    this.fields = fields
  }
}

function isErrorAnswer(body: unknown): body is ErrorResponse {
  return typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'object'
}

async function problemOf(response: Response): Promise<AnswerProblem> {
  const body: unknown = await response.json().catch(() => null)
  return isErrorAnswer(body)
    ? new AnswerProblem(response.status, body.error.message, body.error.remedy, body.error.fields)
    : new AnswerProblem(response.status, `The app answered with status ${response.status}.`, 'Try again in a minute.')
}

/**
 * Asks an address of the app for JSON. The answer's shape is the one lib/api/answers.ts gives for the address.
 *
 * @throws AnswerProblem when there is no answer, or it is an error
 */
export async function askApp<Answer>(path: string, request: RequestInit = {}): Promise<Answer> {
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline
  let response: Response
  try {
    response = await fetch(path, { ...request, signal, headers: { accept: 'application/json', ...request.headers } })
  } catch (thrown) {
    if (request.signal?.aborted) throw thrown
    throw new AnswerProblem(0, 'The app does not answer.', 'Look whether it is running and the network is up.')
  }
  if (!response.ok) throw await problemOf(response)
  return response.json()
}

/** How a change is sent. */
export type Method = 'POST' | 'PUT' | 'DELETE'

/** Sends JSON to an address of the app. @throws AnswerProblem */
export function sendToApp<Answer>(method: Method, path: string, body: unknown = {}): Promise<Answer> {
  return askApp(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
}

/** Any thrown thing as a problem that can be shown. */
export function asProblem(thrown: unknown): AnswerProblem {
  return thrown instanceof AnswerProblem
    ? thrown
    : new AnswerProblem(0, 'The page could not read the answer.', 'Reload the page; if it stays, report it.')
}
