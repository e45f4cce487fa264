/**
 * The protocol between an Inngest server and an app with its SDK. The server's fields were recorded by a proxy in front
 * of `inngest start`, with made-up values; the app's come from the SDK, with the functions of
 * server-v1.43.integration.test.ts.
 */

/** The recorded server, which compose.yaml starts. */
export const SERVER = 'v1.43.0'
/**
 * The oldest server that sends `qi_id` and understands `RunComplete`, this SDK's response to every call that ends a
 * function (according to the server's source). Older servers repeat each function until its last retry.
 */
export const OLDEST_SERVER = 'v1.15.0'
export const SDK_VERSION = '4.24.0'

const event = { name: 'walk', id: '01JWALK0000000000000000000', data: { n: 1 }, ts: 1_764_000_000_000 }

/** The ids of steps: the SHA-1 of their names. */
export const STEPS = {
  one: 'fe05bcdcdc4928012781a5f1a2a77cbb5398e106',
  nap: 'c2640f79b4ed481b838ce4ad75330aa3f825d4d9',
  two: 'ad782ecdac770fc6eb9a62e44f90873fb97fb26b',
}

const context = {
  run_id: '01JRUN00000000000000000000',
  fn_id: 'test-walk',
  qi_id: 'token-of-this-attempt',
  attempt: 0,
  max_attempts: 3,
  disable_immediate_execution: false,
  use_api: false,
  stack: { stack: [] as string[], current: 0 },
  request_id: '01JREQ00000000000000000000',
  generation_id: 1,
  job_id: 'job',
  env: 'env',
}

/** The server's headers without the signature. -1 lets the SDK choose the version of the protocol. */
export const SERVER_HEADERS = {
  'content-type': 'application/json',
  'user-agent': 'Go-http-client/1.1',
  'x-inngest-server-kind': 'cloud',
  'x-inngest-req-version': '-1',
  'x-inngest-step-id': 'step',
  'x-inngest-generation-id': '1',
  'x-inngest-job-id': 'job',
  'x-request-id': '01JREQ00000000000000000000',
  'x-run-id': context.run_id,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
}

const tick = { ...event, name: 'inngest/scheduled.timer', data: { cron: '0 0 1 1 *' } }

const call = { event, events: [event], steps: {}, defers: {}, version: -1, use_api: false, ctx: context }

/** The bodies of a server's calls. */
export const SERVER_CALLS = {
  first: call,
  /** The embedded engine turns checkpoints off by omitting these two. */
  withoutCheckpoints: { ...call, ctx: { ...context, fn_id: undefined, qi_id: undefined } },
  /** A call from a July 2025 server, which sends neither `max_attempts` nor `qi_id`. */
  tooOld: {
    ...call,
    event: tick,
    events: [tick],
    ctx: { ...context, fn_id: 'test-tick', max_attempts: undefined, qi_id: undefined, generation_id: undefined },
  },
  afterSleep: {
    ...call,
    version: 2,
    steps: { [STEPS.one]: { type: 'data', data: 1 }, [STEPS.nap]: { type: 'data', data: null } },
    ctx: { ...context, stack: { stack: [STEPS.one, STEPS.nap], current: 2 } },
  },
  stepFailed: {
    ...call,
    version: 2,
    steps: { [STEPS.one]: { type: 'error', error: { name: 'Error', message: 'no', stack: '' } } },
    ctx: { ...context, stack: { stack: [STEPS.one], current: 1 } },
  },
  sync: { url: 'http://127.0.0.1:3000/api/inngest' },
}

const httpStep = (id: string, retries?: number) => ({
  step: {
    id: 'step',
    name: 'step',
    runtime: { type: 'http', url: `http://127.0.0.1:3000/api/inngest?fnId=${id}&stepId=step` },
    ...(retries === undefined ? {} : { retries: { attempts: retries } }),
  },
})

const functions = [
  {
    id: 'test-walk',
    name: 'walk',
    triggers: [{ event: 'walk' }],
    steps: httpStep('test-walk', 2),
    concurrency: [{ limit: 2 }, { limit: 1, key: 'event.data.who' }],
  },
  {
    id: 'test-walk-failure',
    name: 'walk (failure)',
    triggers: [{ event: 'inngest/function.failed', expression: "event.data.function_id == 'test-walk'" }],
    steps: httpStep('test-walk-failure', 1),
  },
  { id: 'test-tick', name: 'tick', triggers: [{ cron: '0 0 1 1 *' }], steps: httpStep('test-tick') },
]

const described = {
  capabilities: { trust_probe: 'v1', connect: 'v1' },
  framework: 'nodejs',
  functions,
  sdk: `js:v${SDK_VERSION}`,
  url: 'http://127.0.0.1:3000/api/inngest',
}

/** The SDK's requests to a server. */
export const APP_REQUESTS = {
  events: {
    headers: { 'content-type': 'application/json', 'x-inngest-event-id-seed': '1764000000000,elw8uAEJ4SxCMw==' },
    body: [
      { name: 'walk', id: 'a', data: { n: 1 }, ts: 1_764_000_000_000 },
      { name: 'walk', data: {}, ts: 1_764_000_000_000 },
    ],
  },
  checkpoint: {
    run_id: context.run_id,
    fn_id: 'test-walk',
    qi_id: context.qi_id,
    request_started_at: 1_764_000_000_000,
    steps: [
      {
        id: STEPS.one,
        mode: 'sync',
        op: 'StepRun',
        name: 'one',
        displayName: 'one',
        userland: { id: 'one' },
        opts: {},
        rawArgs: ['one', null],
        hashedId: STEPS.one,
        data: 1,
        timing: { a: 1_764_000_000_000_000_000, b: 0 },
      },
    ],
    ts: 1_764_000_000_100,
  },
  register: { ...described, appName: 'test', deployType: 'ping', v: '0.1' },
}

const SDK = {
  'content-type': 'application/json',
  'x-inngest-sdk': `inngest-js:v${SDK_VERSION}`,
  'x-inngest-req-version': '2',
}

/** The SDK's responses to a server. */
export const APP_RESPONSES = {
  sync: {
    status: 200,
    headers: { ...SDK, 'x-inngest-sync-kind': 'in_band' },
    body: {
      ...described,
      app_id: 'test',
      env: null,
      sdk_author: 'inngest',
      sdk_language: 'js',
      sdk_version: SDK_VERSION,
    },
  },
  sleep: {
    status: 206,
    headers: SDK,
    body: [
      { displayName: 'nap', op: 'Sleep', id: STEPS.nap, name: '1s', opts: {}, userland: { id: 'nap' }, data: null },
    ],
  },
  end: { status: 200, headers: SDK, body: 'done' },
}
