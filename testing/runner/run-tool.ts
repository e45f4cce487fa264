import { spawn } from 'node:child_process'
import { MINUTE } from '#lib/core/clock.ts'

/**
 * Runs a tool on this Node with its output on the console, and ends it at the time limit.
 * @returns its exit code; 1 when it was ended
 */
export function runTool(
  command: string[],
  environment: Record<string, string> = {},
  maxMs = 40 * MINUTE,
): Promise<number> {
  return new Promise((done) => {
    const child = spawn(process.execPath, command, { stdio: 'inherit', env: { ...process.env, ...environment } })
    const limit = setTimeout(() => {
      console.error(`stopped at the time limit of ${maxMs / MINUTE} minutes`)
      child.kill()
    }, maxMs)
    const end = (code: number) => {
      clearTimeout(limit)
      done(code)
    }
    child.once('error', () => end(1))
    child.once('exit', (code) => end(code ?? 1))
  })
}
