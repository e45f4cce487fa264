// Shows the progress and the duration of slow steps of a start. Uses only Node's built-in modules and runs
// on Node 18, as bootstrap.mjs does.
import { spawn } from 'node:child_process'
import { ignoreClosedTerminal, STOP_SIGNALS, whenNpmIsGone } from './stop-signals.mjs'

const SECOND = 1000
const MINUTE = 60 * SECOND
// A terminal shows one line with a counter. Elsewhere, for example in a service's log, a line now and then is enough.
const UPDATE_MS = { terminal: SECOND, log: 15 * SECOND }
const GRACE_MS = 4 * SECOND
const MAX_OUTPUT = 1024 * 1024

/**
 * Runs `work` and shows its title with the elapsed seconds.
 * @param {string} title for example "installing the packages"
 * @param {() => Promise<void>} work
 */
export async function step(title, work) {
  const start = Date.now()
  const elapsed = () => Math.round((Date.now() - start) / SECOND)
  const { isTTY } = process.stdout
  if (!isTTY) console.log(`${title} …`)
  const show = () => (isTTY ? rewrite(`${title} … ${elapsed()} s`) : console.log(`  ${title}: ${elapsed()} s so far`))
  if (isTTY) show()
  const timer = setInterval(show, isTTY ? UPDATE_MS.terminal : UPDATE_MS.log)
  try {
    await work()
  } catch (error) {
    if (isTTY) process.stdout.write('\n')
    throw error
  } finally {
    clearInterval(timer)
  }
  if (isTTY) rewrite(`${title}: done in ${elapsed()} s\n`)
  else console.log(`  done in ${elapsed()} s`)
}

/** @param {string} line replaces the line that the cursor is on */
function rewrite(line) {
  process.stdout.write(`\r\u001b[K${line}`)
}

/** The running tool, which leads its own process group; undefined between two steps. */
let tool
/** The tool and the processes that it has started get the signal. */
const signalTool = (signal) => {
  try {
    if (process.platform === 'win32') tool?.kill(signal)
    else if (tool?.pid) process.kill(-tool.pid, signal)
  } catch {
    // It has just ended.
  }
}

/**
 * Until the returned function is called, a signal (or the end of the parent) first stops the running tool and then this
 * process. Otherwise `npm ci` or a build would continue on its own.
 */
export function stopWhenAsked() {
  ignoreClosedTerminal()
  const stop = (code) => () => {
    if (tool === undefined) process.exit(code)
    tool.once('close', () => process.exit(code))
    signalTool('SIGTERM')
    setTimeout(() => signalTool('SIGKILL'), GRACE_MS).unref()
  }
  const listeners = Object.entries(STOP_SIGNALS).map(([name, number]) => [name, stop(128 + number)])
  // The IPC channel closes when the process that handed over to this one is killed.
  if (process.connected) listeners.push(['disconnect', stop(1)])
  for (const [name, listener] of listeners) process.on(name, listener)
  const forgetNpm = whenNpmIsGone(stop(1))
  return () => {
    for (const [name, listener] of listeners) process.off(name, listener)
    forgetNpm()
  }
}

/** A step failed. The message is for the operator, with a remedy. */
export class StepFailed extends Error {}

/**
 * Runs a tool to its end. Its output is shown only if it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env: Record<string, string | undefined>, shell?: boolean, remedy: string | ((output: string) => string) }} options
 *   `remedy` follows the cause in the message
 * @throws {StepFailed}
 */
export async function run(command, args, { env, shell = false, remedy }) {
  const { reason, output } = await execute(command, args, { shell, env })
  if (reason === undefined) return
  const advice = typeof remedy === 'string' ? remedy : remedy(output)
  throw new StepFailed(`${output}\n\`${[command, ...args].join(' ')}\` failed (${reason}). ${advice}`.trimStart())
}

/** Runs a tool. @returns why it failed, if it did, and the end of what it printed */
function execute(command, args, options) {
  return new Promise((resolve) => {
    // In a process group of its own, so that Ctrl-C reaches it through stopWhenAsked() only.
    const detached = process.platform !== 'win32'
    tool = spawn(command, args, { ...options, detached, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [tool.stdout, tool.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-MAX_OUTPUT)
      })
    }
    let overdue
    const timer = setTimeout(() => {
      overdue = '20 minutes have passed'
      signalTool('SIGKILL')
    }, 20 * MINUTE)
    let error
    tool.on('error', (cause) => {
      error = cause.message
    })
    tool.on('close', (status, signal) => {
      clearTimeout(timer)
      tool = undefined
      const ending = signal ? `ended by ${signal}` : `exit code ${status}`
      resolve({ output, reason: status === 0 ? undefined : (error ?? overdue ?? ending) })
    })
  })
}
