import { spawnSync } from 'node:child_process'
import { proxyVariables } from '#lib/core/proxy.ts'
import { readEnvironmentAndSecrets } from '#scripts/read-environment.ts'
import { Database, instanceChecks, snowflakeAccounts } from './instance.ts'
import { machineChecks } from './machine.ts'
import { networkChecks } from './network.ts'
import { type Check, type Finding, linesOf, ok, runCheck } from './report.ts'
import { type Situation, secretValues, situationOf } from './situation.ts'
import { warehouseChecks } from './warehouses.ts'

/**
 * Checks everything an instance needs and prints the findings with remedies.
 * @returns the exit code: 0 if there are no problems (there may be warnings), otherwise 1
 */
export async function doctor(): Promise<number> {
  let situation: Situation | undefined
  const find = async () => {
    situation = situationOf(await readEnvironmentAndSecrets(process.env), process.env)
    return describe(situation)
  }
  const finding = await runCheck({ name: 'settings', find })
  if (!situation || finding.state === 'problem') {
    console.log(linesOf('settings', finding, []))
    console.log('\n1 problem. All other checks depend on the settings and were skipped.')
    return 1
  }
  const proxies = proxyVariables(situation.settings)
  if (proxies.NODE_USE_ENV_PROXY && !process.env.NODE_USE_ENV_PROXY) return again(proxies)
  const secrets = secretValues(situation)
  console.log(linesOf('settings', finding, secrets))
  const database = new Database(situation)
  const checks: Check[] = [
    ...machineChecks(situation),
    ...networkChecks(situation, () => snowflakeAccounts(database)),
    ...instanceChecks(situation, database),
    ...warehouseChecks(situation),
  ]
  try {
    const findings = await printInOrder(checks, secrets)
    return conclude(findings)
  } finally {
    await database.close()
  }
}

/** @throws Stop when settings contradict each other */
function describe(situation: Situation): Finding {
  const { name, app } = situation.mode()
  return ok(name === 'demo' ? 'the demo' : app ? 'a real instance' : 'a real instance without a Spotify app yet')
}

/** Node's fetch uses proxies only if the process was started with these variables. */
function again(proxies: Record<string, string>): number {
  const { status } = spawnSync(process.execPath, process.argv.slice(1), {
    env: { ...process.env, ...proxies },
    stdio: 'inherit',
  })
  return status ?? 1
}

/** Runs all checks in parallel; each is printed as soon as the ones before it are. */
async function printInOrder(checks: Check[], secrets: string[]): Promise<Finding[]> {
  const running = checks.map((check) => ({ name: check.name, finding: runCheck(check) }))
  const findings: Finding[] = []
  for (const { name, finding } of running) {
    findings.push(await finding)
    console.log(linesOf(name, await finding, secrets))
  }
  return findings
}

function conclude(findings: Finding[]): number {
  const count = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length
  const [problems, warnings] = [count('problem'), count('warning')]
  const number = (n: number, what: string) => (n === 0 ? [] : [`${n} ${what}${n === 1 ? '' : 's'}`])
  console.log(`\n${[...number(problems, 'problem'), ...number(warnings, 'warning')].join(', ') || 'no problems'}`)
  return problems === 0 ? 0 : 1
}
