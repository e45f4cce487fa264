import { join } from 'node:path'
import { SECOND } from '#lib/core/clock.ts'
import { SWITCH_TO_REAL } from '#lib/core/config.ts'
import type { ChildPlan } from './child.ts'
import {
  engineEnvironment,
  type Handover,
  listenAddress,
  postgresEnvironment,
  simulatorEnvironment,
  webEnvironment,
} from './environment.ts'
import { openLogFile } from './log-file.ts'
import { usesEmbeddedEngine } from './mode.ts'
import type { Cluster } from './postgres.ts'
import { endingWithParent } from './postgres-programs.ts'

/** The processes of an instance and how each is started. */

// The maximum heap in MB: V8 fills what it may use before it collects garbage.
const HEAP = { web: 384, engine: 96, simulator: 128 }

// Saves 25 MB by not loading the compiler that strips types.
const STRIPPED = ['--import', './scripts/stripped.mjs']

// Reduces the simulator's memory with a demo listener's history from 150 to 105 MB, at the same speed.
const FRUGAL = ['--liftoff-only', '--optimize-for-size', '--max-semi-space-size=2']

export function postgresPlan(cluster: Cluster, dataFolder: string): ChildPlan {
  return {
    name: 'postgres',
    command: endingWithParent(cluster.command),
    environment: postgresEnvironment(process.env),
    log: openLogFile(join(dataFolder, 'logs', 'postgres.log')),
    stopSignal: 'SIGINT', // closes sessions; SIGTERM would wait for them
  }
}

/** The processes besides Postgres, in the order in which they are started. */
export function childPlans(handover: Handover): ChildPlan[] {
  const plans = [web(handover)]
  if (usesEmbeddedEngine(handover.settings)) {
    plans.unshift(
      node('engine', [...FRUGAL, ...STRIPPED, 'scripts/engine.ts'], handover, engineEnvironment(handover, process.env)),
    )
  }
  if (handover.mode.name === 'demo') {
    plans.unshift(
      node(
        'simulator',
        [...FRUGAL, ...STRIPPED, 'scripts/simulator.ts'],
        handover,
        simulatorEnvironment(handover, process.env),
      ),
    )
  }
  return plans
}

/** Longer than the 60 s of proxies: if we closed an idle connection first, a request could be lost in it. */
const KEEP_ALIVE_MS = 75 * SECOND

// In MB. With V8's default of 16, an idle web process keeps up to 30 MB of garbage.
const YOUNG = '--max-semi-space-size=4'

/** What the web process loads before Next. */
const PRELOADS = ['stripped.mjs', 'with-parent.mjs', 'security-headers.mjs', 'compressible.mjs', 'gate/install.ts']

function web(handover: Handover): ChildPlan {
  const { settings, ports, development } = handover
  const where = ['-p', String(ports.web), '-H', listenAddress(settings.HOST)]
  // Started directly: with npx, the server would survive the process in between.
  const command = development ? ['dev'] : ['start', '--keepAliveTimeout', String(KEEP_ALIVE_MS)]
  const next = ['node_modules/next/dist/bin/next', ...command, ...where]
  return {
    ...node(
      'web',
      [YOUNG, ...PRELOADS.flatMap((file) => ['--import', `./scripts/${file}`]), ...next],
      handover,
      webEnvironment(handover, process.env),
    ),
    messageCode: SWITCH_TO_REAL,
  }
}

function node(name: keyof typeof HEAP, args: string[], handover: Handover, environment: NodeJS.ProcessEnv): ChildPlan {
  // In development, the web process also compiles and needs a large heap.
  const heap = handover.development ? [] : [`--max-old-space-size=${HEAP[name]}`]
  return {
    name,
    command: { file: process.execPath, args: [...heap, ...args] },
    environment,
    log: openLogFile(join(handover.dataFolder, 'logs', `${name}.log`)),
    pidFile: join(handover.dataFolder, 'run', `${name}.json`),
  }
}
