// Detects when a process has to end. Uses only Node's built-in modules and runs on Node 18, as bootstrap.mjs does.
import { readFileSync } from 'node:fs'

/** The signals that ask a process to end, with their numbers. */
export const STOP_SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }

/** Writing to a closed terminal fails. Without these listeners, that would end this process immediately. */
export function ignoreClosedTerminal() {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}

/**
 * Calls back when npm, which started this process, has ended: after `kill -9` it can't pass on any signal. A process that
 * wasn't started by npm may outlive its parent.
 *
 * @returns a function that stops watching
 */
export function whenNpmIsGone(callback) {
  if (process.platform === 'win32' || process.env.npm_lifecycle_event === undefined) return () => undefined
  const atStart = ancestors()
  const timer = setInterval(() => {
    if (ancestors() === atStart) return
    clearInterval(timer)
    callback()
  }, 1000)
  timer.unref()
  return () => clearInterval(timer)
}

/**
 * The pids of the parent and, if that is a shell between npm and this process, of its parent. Ancestors of npm are
 * ignored, because a service may outlive the operator's shell. Linux only; other systems' shells replace themselves
 * with the command.
 */
function ancestors() {
  const parent = process.ppid
  if (process.platform !== 'linux') return String(parent)
  try {
    const stat = readFileSync(`/proc/${parent}/stat`, 'utf8')
    const [, name, rest] = /\((.*)\) \S (\d+)/s.exec(stat) ?? []
    return SHELL.test(name) ? `${parent} ${rest}` : String(parent)
  } catch {
    return String(parent)
  }
}

const SHELL = /^(ba|da|a|k|z)?sh$|^busybox$/
