import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { MINUTE, now, SECOND } from '#lib/core/clock.ts'
import { PERSON_HAS_TO_ACT, TRY_AGAIN } from '#lib/core/config.ts'
import { writeHolder } from './data-folder.ts'
import { consoleLine, type LogFile } from './log-file.ts'

/** A process that is kept running: started again when it dies, given up when it dies too often. */

export interface ChildPlan {
  name: string
  command: { file: string; args: string[] }
  environment: NodeJS.ProcessEnv
  log: LogFile
  /** Notes the process while it runs, so that the next start can end a left-over. Postgres has a file of its own. */
  pidFile?: string
  /** What ends it in good order. */
  stopSignal?: NodeJS.Signals
  /** An exit code that is a message to the supervisor and no failure. */
  messageCode?: number
}

export interface ChildEvents {
  /** It died too often, or only a person can help it; the sentence names its log. */
  onGivenUp(sentence: string): void
  /** It ended with `messageCode` and is not started again. */
  onMessage?(): void
}

export interface SupervisedChild {
  /** The number of the running process; 0 between two. */
  pid(): number
  /** Ends it for good: by its signal, after 4 s by force. */
  stop(): Promise<void>
}

const GRACE_MS = 4 * SECOND
const MAX_RESTARTS = 5 // within a minute

/** Milliseconds before the next start, after `restarts` starts within the last minute. */
export function restartDelayMs(restarts: number): number {
  return Math.min(200 * 2 ** restarts, 10 * SECOND)
}

/**
 * What follows the end of a process: milliseconds before the next start, its message, or a sentence that gives it up.
 *
 * @param restarts within the last minute
 */
export function afterEnd(
  { name, log, messageCode }: Pick<ChildPlan, 'name' | 'log' | 'messageCode'>,
  code: number | null,
  restarts: number,
): { pauseMs: number } | { message: number } | { sentence: string } {
  if (messageCode !== undefined && code === messageCode) return { message: messageCode }
  if (code === PERSON_HAS_TO_ACT) return { sentence: `The ${name} process cannot go on; ${log.path} says why.` }
  // What it waits for comes back without us, and the other processes are of use meanwhile.
  if (restarts < MAX_RESTARTS || code === TRY_AGAIN) return { pauseMs: restartDelayMs(restarts) }
  return { sentence: `The ${name} process ended again and again; ${log.path} says why.` }
}

export function keepRunning(plan: ChildPlan, events: ChildEvents): SupervisedChild {
  let running: ChildProcess | undefined
  let timer: NodeJS.Timeout | undefined
  let stopping = false
  let restarts: number[] = []

  function start(): void {
    const child = launch(plan)
    running = child
    child.once('error', (error) => plan.log.write(Buffer.from(`${error.message}\n`)))
    // 'close' and not 'exit': it also comes when the process could not be started at all.
    child.once('close', (code) => {
      running = undefined
      if (plan.pidFile) rmSync(plan.pidFile, { force: true })
      if (stopping) return
      restarts = restarts.filter((at) => at > now().getTime() - MINUTE)
      const next = afterEnd(plan, code, restarts.length)
      if ('pauseMs' in next) startAgain(next.pauseMs)
      else if ('sentence' in next) events.onGivenUp(next.sentence)
      else events.onMessage?.()
    })
  }

  function startAgain(pauseMs: number): void {
    // What waits for something outside may do so for hours.
    if (restarts.length < MAX_RESTARTS) console.log(`the ${plan.name} process ended and is started again`)
    restarts.push(now().getTime())
    timer = setTimeout(start, pauseMs)
  }

  start()
  return {
    pid: () => running?.pid ?? 0,
    stop: async () => {
      stopping = true
      clearTimeout(timer)
      if (running) await endChild(running, plan.stopSignal ?? 'SIGTERM')
    },
  }
}

function launch({ name, command, environment, log, pidFile }: ChildPlan): ChildProcess {
  const child = spawn(command.file, command.args, {
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'], // the child ends when its standard input does
    detached: process.platform !== 'win32', // Ctrl-C reaches the supervisor alone, which ends its children in order
  })
  if (pidFile && child.pid) writeHolder(pidFile, child.pid)
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => log.write(chunk))
    showAlarms(name, stream)
  }
  child.stdin.on('error', () => undefined) // it ended; 'close' tells
  return child
}

function showAlarms(name: string, stream: Readable): void {
  createInterface({ input: stream }).on('line', (line) => {
    const alarm = consoleLine(line)
    if (alarm) console.log(`${name}: ${alarm}`)
  })
}

async function endChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = new Promise((done) => child.once('close', done))
  child.kill(signal)
  const force = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
  await ended
  clearTimeout(force)
}
