import { pause, SECOND } from '../../lib/clock.ts'
import { type Draw, draws } from '../../lib/sources/spotify/simulator/random.ts'

/** Processes that are killed at random moments, by a seed that is printed: the same one kills the same processes again. */

export interface Victim {
  name: string
  /** The number of its process; undefined while there is none. */
  pid(): number | undefined
}

export interface Scene {
  victims: Victim[]
  /** What goes on between two kills. */
  goOn(draw: Draw): Promise<void>
  /** A person starts again what does not come back by itself. */
  startAgain(): Promise<void>
  /** Resolves when everything answers again. */
  recover(): Promise<void>
}

/** A run of the scene takes about as long: the moment of a kill lies somewhere in it. */
const LATEST_MOMENT_MS = 1.5 * SECOND
/** Of the kills so many meet an instance that has not recovered from the one before. */
const HURRIED = 0.4

/** @returns the names of what was killed, in order */
export async function killAtRandom(scene: Scene, { kills, seed }: { kills: number; seed: number }): Promise<string[]> {
  const draw = draws(seed)
  const killed: string[] = []
  let next: Victim[] = []
  while (killed.length < kills) {
    await scene.goOn(draw)
    // In rounds, each of them in another order: a few kills meet every process.
    if (next.length === 0) next = shuffled(scene.victims, draw)
    const victim = next.pop()
    await pause(draw() * LATEST_MOMENT_MS)
    const hurried = draw() < HURRIED
    if (!victim || !kill(victim)) {
      await scene.startAgain()
      await scene.recover()
      continue
    }
    killed.push(victim.name)
    await scene.startAgain()
    if (!hurried) await scene.recover()
  }
  await scene.recover()
  return killed
}

function shuffled<T>(entries: T[], draw: Draw): T[] {
  return entries
    .map((entry) => ({ entry, place: draw() }))
    .sort((a, b) => a.place - b.place)
    .map(({ entry }) => entry)
}

/** @returns whether there was a process to kill */
function kill({ pid }: Victim): boolean {
  const number = pid()
  if (number === undefined) return false
  try {
    process.kill(number, 'SIGKILL')
    return true
  } catch {
    return false // it had just ended
  }
}
