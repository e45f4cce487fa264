import { execFile } from 'node:child_process'
import { MINUTE } from '#lib/core/clock.ts'
import { Stop, Transient } from '#lib/core/errors.ts'

/**
 * DuckDB locks its file with POSIX locks. A process that opens and closes the file again, even only to read it, drops all
 * of its own locks on it, and then another process can open the live file and destroy it. So a child copies it.
 */
const COPY = `const { copyFileSync, constants } = require('node:fs')
copyFileSync(process.argv[1], process.argv[2], constants.COPYFILE_FICLONE)`

const COPY_DEADLINE_MS = 2 * MINUTE

/**
 * Copies a file in a process of its own. Nobody may write to it meanwhile.
 * @param to is overwritten
 * @throws Stop if the disk is full, Transient
 */
export function copyInChild(from: string, to: string): Promise<void> {
  const permissions = ['--permission', `--allow-fs-read=${from}`, `--allow-fs-write=${to}`]
  const options = {
    env: { NODE_ENV: 'production' as const },
    timeout: COPY_DEADLINE_MS,
    killSignal: 'SIGKILL' as const,
  }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...permissions, '-e', COPY, '--', from, to], options, (cause, _, stderr) => {
      if (!cause) resolve()
      else if (/\b(ENOSPC|EDQUOT)\b/.test(stderr))
        reject(
          new Stop('There is no space for a snapshot of the built-in warehouse', {
            remedy: 'Free some space on the disk of DATA_DIR.',
            cause,
          }),
        )
      else
        reject(
          new Transient('The built-in warehouse could not be copied', {
            remedy: 'Try again in a minute.',
            cause,
          }),
        )
    })
  })
}
