import { join } from 'node:path'
import { SECOND } from '#lib/core/clock.ts'
import { SWITCH_TO_REAL } from '#lib/core/config.ts'
import type { ChildPlan } from './child.ts'
import { engineEnvironment, type Handover, listenAddress, simulatorEnvironment, webEnvironment } from './environment.ts'
import { openLogFile } from './log-file.ts'
import { usesEmbeddedEngine } from './mode.ts'
import type { Cluster } from './postgres.ts'

/** Which processes an instance consists of, and how each is started. */

// The heap that each may fill, in MB: V8 takes what it is given before it tidies up.
const HEAP = { web: 384, engine: 96, simulator: 128 }

// A demo listener's warm history fits into 105 instead of 150 MB, at the same speed.
const FRUGAL = ['--liftoff-only', '--optimize-for-size', '--max-semi-space-size=2']

export function postgresPlan(cluster: Cluster, dataFolder: string): ChildPlan {
  return {
    name: 'postgres',
    command: cluster.command,
    environment: { ...process.env, LC_ALL: 'C' },
    log: openLogFile(join(dataFolder, 'logs', 'postgres.log')),
    stopSignal: 'SIGINT', // ends the sessions; SIGTERM would wait for them
  }
}

/** The children beside Postgres, in the order they are started. */
export function childPlans(handover: Handover): ChildPlan[] {
  const plans = [web(handover)]
  if (usesEmbeddedEngine(handover.settings)) {
    plans.unshift(node('engine', ['scripts/engine.ts'], handover, engineEnvironment(handover, process.env)))
  }
  if (handover.mode.name === 'demo') {
    plans.unshift(
      node('simulator', [...FRUGAL, 'scripts/simulator.ts'], handover, simulatorEnvironment(handover, process.env)),
    )
  }
  return plans
}

/** Longer than proxies keep a connection open, 60 s: whoever closes it first must not be us, or a request is lost in it. */
const KEEP_ALIVE_MS = 75 * SECOND

function web(handover: Handover): ChildPlan {
  const { settings, ports, development } = handover
  const where = ['-p', String(ports.web), '-H', listenAddress(settings.HOST)]
  // Started by its file: through npx a process would stand between, and the server would outlive it.
  const command = development ? ['dev'] : ['start', '--keepAliveTimeout', String(KEEP_ALIVE_MS)]
  const next = ['node_modules/next/dist/bin/next', ...command, ...where]
  return {
    ...node(
      'web',
      ['--import', './scripts/with-parent.mjs', '--import', './scripts/compressible.mjs', ...next],
      handover,
      webEnvironment(handover, process.env),
    ),
    messageCode: SWITCH_TO_REAL,
  }
}

function node(name: keyof typeof HEAP, args: string[], handover: Handover, environment: NodeJS.ProcessEnv): ChildPlan {
  // Development compiles in the web process; nothing is gained by a small heap there.
  const heap = handover.development ? [] : [`--max-old-space-size=${HEAP[name]}`]
  return {
    name,
    command: { file: process.execPath, args: [...heap, ...args] },
    environment,
    log: openLogFile(join(handover.dataFolder, 'logs', `${name}.log`)),
    pidFile: join(handover.dataFolder, 'run', `${name}.json`),
  }
}
