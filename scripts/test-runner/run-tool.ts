import { spawn } from 'node:child_process'
import { MINUTE } from '#lib/core/clock.ts'

/**
 * Runs a tool on this Node, its output on the console, and ends it after so long.
 * @returns its exit code; 1 when it was ended
 */
export function runTool(
  command: string[],
  environment: Record<string, string> = {},
  mostMs = 20 * MINUTE,
): Promise<number> {
  return new Promise((done) => {
    const child = spawn(process.execPath, command, { stdio: 'inherit', env: { ...process.env, ...environment } })
    const limit = setTimeout(() => {
      console.error(`ended after ${mostMs / MINUTE} minutes, which is longer than it may take`)
      child.kill()
    }, mostMs)
    const end = (code: number) => {
      clearTimeout(limit)
      done(code)
    }
    child.once('error', () => end(1))
    child.once('exit', (code) => end(code ?? 1))
  })
}
