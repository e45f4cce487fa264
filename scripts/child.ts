import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { MINUTE, now, SECOND } from '#lib/core/clock.ts'
import { PERSON_HAS_TO_ACT, TRY_AGAIN } from '#lib/core/config.ts'
import { writeHolder } from './data-folder.ts'
import { consoleLine, type LogFile } from './log-file.ts'

/** Keeps a process running: restarts it when it exits, and gives up when it exits too often. */

export interface ChildPlan {
  name: string
  command: { file: string; args: string[] }
  environment: NodeJS.ProcessEnv
  log: LogFile
  /** Exists while the process runs, so that the next start can end a leftover process. Postgres has its own file. */
  pidFile?: string
  /** The signal for a clean shutdown. */
  stopSignal?: NodeJS.Signals
  /** An exit code that is a message to the supervisor, not a failure. */
  messageCode?: number
}

export interface ChildEvents {
  /** It exits too often or needs the operator. The message names its log. */
  onGivenUp(message: string): void
  /** It exited with `messageCode` and isn't restarted. */
  onMessage?(): void
}

export interface SupervisedChild {
  /** The pid of the running process; 0 while it is being restarted. */
  pid(): number
  /** Stops it for good with its signal, and kills it after 4 s or when `hurry` is aborted. */
  stop(hurry?: AbortSignal): Promise<void>
}

const GRACE_MS = 4 * SECOND
const MAX_RESTARTS = 5 // within a minute

/** Milliseconds before the next start, after `restarts` restarts within the last minute. */
export function restartDelayMs(restarts: number): number {
  return Math.min(200 * 2 ** restarts, 10 * SECOND)
}

/**
 * Decides what follows when a process exits: a restart after a delay, a message to the supervisor, or giving up.
 *
 * @param restarts within the last minute
 */
export function afterExit(
  { name, log, messageCode }: Pick<ChildPlan, 'name' | 'log' | 'messageCode'>,
  code: number | null,
  restarts: number,
): { delayMs: number } | { messageCode: number } | { giveUp: string } {
  if (messageCode !== undefined && code === messageCode) return { messageCode }
  if (code === PERSON_HAS_TO_ACT) return { giveUp: `The ${name} process can't continue. See ${log.path}.` }
  // It waits for something that will come back by itself, and the other processes are useful meanwhile.
  if (restarts < MAX_RESTARTS || code === TRY_AGAIN) return { delayMs: restartDelayMs(restarts) }
  return { giveUp: `The ${name} process keeps exiting. See ${log.path}.` }
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
    // 'close' instead of 'exit', because it is also emitted when the process couldn't be started.
    child.once('close', (code) => {
      running = undefined
      if (plan.pidFile) rmSync(plan.pidFile, { force: true })
      if (stopping) return
      restarts = restarts.filter((at) => at > now().getTime() - MINUTE)
      const next = afterExit(plan, code, restarts.length)
      if ('delayMs' in next) restart(next.delayMs)
      else if ('giveUp' in next) events.onGivenUp(next.giveUp)
      else events.onMessage?.()
    })
  }

  function restart(delayMs: number): void {
    // Only the first restarts are printed: a process may wait for hours.
    if (restarts.length < MAX_RESTARTS) console.log(`restarting the ${plan.name} process`)
    restarts.push(now().getTime())
    timer = setTimeout(start, delayMs)
  }

  start()
  return {
    pid: () => running?.pid ?? 0,
    stop: async (hurry) => {
      stopping = true
      clearTimeout(timer)
      if (running) await endChild(running, plan.stopSignal ?? 'SIGTERM', hurry)
    },
  }
}

function launch({ name, command, environment, log, pidFile }: ChildPlan): ChildProcess {
  const child = spawn(command.file, command.args, {
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'], // the child exits when its standard input ends
    detached: process.platform !== 'win32', // Ctrl-C reaches only the supervisor, which ends its children in order
  })
  if (pidFile && child.pid) writeHolder(pidFile, child.pid)
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => log.write(chunk))
    showOnConsole(name, stream)
  }
  child.stdin.on('error', () => undefined) // the child has exited; 'close' reports it
  return child
}

function showOnConsole(name: string, stream: Readable): void {
  createInterface({ input: stream }).on('line', (line) => {
    const shown = consoleLine(line)
    if (shown) console.log(`${name}: ${shown}`)
  })
}

async function endChild(child: ChildProcess, signal: NodeJS.Signals, hurry?: AbortSignal): Promise<void> {
  const ended = new Promise((done) => child.once('close', done))
  const force = () => killGroup(child)
  child.kill(signal)
  const timer = setTimeout(force, GRACE_MS)
  if (hurry?.aborted) force()
  hurry?.addEventListener('abort', force)
  await ended
  hurry?.removeEventListener('abort', force)
  clearTimeout(timer)
}

/** Kills a child and everything that is still in its process group. */
function killGroup(child: ChildProcess): void {
  if (process.platform === 'win32' || !child.pid) child.kill('SIGKILL')
  else {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has just exited.
    }
  }
}
