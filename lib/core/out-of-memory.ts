import { writeFile } from 'node:fs/promises'

/**
 * Lets Linux end this process first when memory runs out (https://man7.org/linux/man-pages/man5/proc_pid_oom_score_adj.5.html).
 * Does nothing elsewhere, or where it isn't allowed.
 */
export async function endFirstWithoutMemory(pid: number | undefined): Promise<void> {
  if (pid === undefined || process.platform !== 'linux') return
  await writeFile(`/proc/${pid}/oom_score_adj`, '1000').catch(() => undefined)
}
