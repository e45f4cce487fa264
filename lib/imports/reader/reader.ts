import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { MINUTE, now } from '#lib/core/clock.ts'
import { Stop, Transient } from '#lib/core/errors.ts'
import type { ReaderMessage, ReaderOptions, SpooledFile } from './messages.ts'
import type { ReaderJob } from './read-files.ts'

/** Reads uploads in a process of its own (docs/decisions/0065-read-exports-in-a-child.md). */

/** Sizes in MB. The content of a file, at most 64 MB, is outside of this heap. More would only be filled with garbage. */
const HEAP = ['--max-old-space-size=128', '--max-semi-space-size=4']

/** csv-parse makes an error of every odd row; without a stack it takes a tenth of the time. */
const NO_STACKS = '--stack-trace-limit=0'

/** What the process consists of. */
const CODE = ['lib/*', 'scripts/*', 'node_modules/*', '.cache/stripped/*', 'package.json']

/**
 * The command of the process. It may read the code and these files, and nothing else: it writes no file and starts no
 * process (https://nodejs.org/docs/latest-v22.x/api/permissions.html).
 */
function commandFor(files: readonly SpooledFile[]): string[] {
  const root = realpathSync(process.cwd())
  const readable = [...CODE.map((path) => join(root, path)), ...files.map(({ path }) => resolve(path))]
  return [
    ...HEAP,
    NO_STACKS,
    '--permission',
    ...readable.map((path) => `--allow-fs-read=${path}`),
    '--import',
    './scripts/stripped.mjs',
    'lib/imports/reader/child.ts',
  ]
}

/** It reports its progress several times a second. */
const MAX_SILENCE_MS = 2 * MINUTE
/** Spent on reading, without the time that its messages waited to be taken. 2 GB take about half a minute. */
const MAX_READING_MS = 30 * MINUTE

/** What is kept of the output in which Node says why it ended. */
const MAX_STDERR = 4_000

type Child = ChildProcessByStdio<Writable, Readable, Readable>

function start(job: ReaderJob): Child {
  const child = spawn(process.execPath, commandFor(job.files), {
    // It gets nothing of this environment, which has secrets.
    env: { NODE_ENV: 'production' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // If it ends early, its exit says why.
  child.stdin.on('error', () => undefined).write(`${JSON.stringify(job)}\n`)
  return child
}

/** How a process ended that did not report the end. */
function failureOf({ code, signal, stderr }: { code: unknown; signal: unknown; stderr: string }): Stop | Transient {
  const cause = new Error(stderr.trim() || `it ended with ${signal ?? code}`)
  // V8 aborts when its heap is full.
  if (signal === 'SIGABRT' || code === 134)
    return new Stop('Reading these files needs more memory than Tracklake allows', {
      remedy: 'Upload the export’s files one by one, or ask the operator to report this.',
      cause,
    })
  return new Transient('The process reading the upload ended too early', { remedy: REPEATED, cause })
}

const REPEATED = 'Tracklake will read the upload again. If it keeps failing, upload the files one by one.'

/** Ends a process that makes no progress. */
class Watch {
  isExpired = false
  #spent = 0
  readonly #child: Child
  readonly #maxSilenceMs: number

  constructor(child: Child, maxSilenceMs: number) {
    this.#child = child
    this.#maxSilenceMs = maxSilenceMs
  }

  failure(): Stop | Transient {
    if (this.#spent < MAX_READING_MS) return new Transient('Reading the upload made no progress', { remedy: REPEATED })
    return new Stop('Reading these files took too long', { remedy: 'Upload the export’s files one by one.' })
  }

  /** Waits for the process, but not too long. */
  async waitFor<Result>(result: Promise<Result>): Promise<Result> {
    const since = performance.now()
    const limit = Math.min(this.#maxSilenceMs, MAX_READING_MS - this.#spent)
    const timer = setTimeout(() => {
      this.isExpired = true
      this.#child.kill('SIGKILL')
    }, limit)
    try {
      return await result
    } finally {
      clearTimeout(timer)
      this.#spent += performance.now() - since
    }
  }
}

/** The lines of a stream. While they are not taken, nothing more is read. */
async function* linesOf(stream: Readable, watch: Watch): AsyncGenerator<string> {
  const chunks = stream.setEncoding('utf8')[Symbol.asyncIterator]()
  let line = ''
  for (;;) {
    const { done, value } = await watch.waitFor(chunks.next())
    if (done) return
    const [first = '', ...others] = String(value).split('\n')
    line += first
    for (const next of others) {
      yield line
      line = next
    }
  }
}

/**
 * What an upload contains. Pages hold only what is stored: no address, device, place or name of a person leaves the
 * process that reads. It waits while its messages are not taken.
 * @throws Transient if it ended or made no progress, so reading can be repeated; Stop if the files need too much memory;
 *   the signal's reason
 */
export async function* readUpload(
  files: readonly SpooledFile[],
  { answers = {}, signal, skip = new Set(), maxSilenceMs = MAX_SILENCE_MS }: ReaderOptions = {},
): AsyncGenerator<ReaderMessage> {
  signal?.throwIfAborted()
  const child = start({ files: [...files], answers, skip: [...skip], now: now().getTime() })
  const stop = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', stop)
  const closed = once(child, 'close').catch((error: unknown) => [error, null])
  const watch = new Watch(child, maxSilenceMs)
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR)
  })
  let last: ReaderMessage['type'] | undefined
  try {
    for await (const line of linesOf(child.stdout, watch)) {
      const message = JSON.parse(line) as ReaderMessage
      last = message.type
      yield message
    }
    const [code, endedBy] = await watch.waitFor(closed)
    signal?.throwIfAborted()
    if (watch.isExpired) throw watch.failure()
    if (last !== 'done' && last !== 'question') throw failureOf({ code, signal: endedBy, stderr })
  } finally {
    signal?.removeEventListener('abort', stop)
    stop()
    // It counts as closed only once its output is read or given up.
    child.stdout.destroy()
    await closed
  }
}
