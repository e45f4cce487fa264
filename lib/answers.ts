/**
 * The JSON answers of the app's own addresses. Routes give them, pages read them; times are ISO 8601 UTC.
 * docs/api.md describes them for people who write scripts.
 */

export type RunStateWord =
  | 'queued'
  | 'running'
  | 'waiting'
  | 'succeeded'
  | 'nothing new'
  | 'incomplete'
  | 'failed'
  | 'cancelled'

export type StreamRunStateWord = RunStateWord | 'skipped'

export type TriggerWord = 'sign-in' | 'schedule' | 'manual' | 're-run' | 'upload'

export interface RunTotals {
  new: number
  changed: number
  unchanged: number
  removed: number
  rejected: number
  requests: number
}

export interface RunAnswer {
  id: string
  /** Listener id; the admin page joins it with /api/admin/listeners. */
  listener: string
  kind: 'extract' | 'load'
  trigger: TriggerWord
  /** Name of who pressed the button; null for sign-in and schedule. */
  by: string | null
  state: RunStateWord
  queuedAt: string
  startedAt: string | null
  endedAt: string | null
  waitingUntil: string | null
  totals: RunTotals
  problem: string | null
  remedy: string | null
}

export interface StreamRunAnswer {
  stream: string
  state: StreamRunStateWord
  attempt: number
  pages: number
  items: number
  new: number
  changed: number
  unchanged: number
  removed: number
  rejected: Record<string, number>
  bytes: number
  requests: number
  startedAt: string | null
  endedAt: string | null
  waitingUntil: string | null
  problem: string | null
  remedy: string | null
}

/** GET /api/runs?cursor=&limit= and GET /api/admin/runs?cursor=&limit=&listener=&state= */
export interface RunsAnswer {
  runs: RunAnswer[]
  /** Pass it as `cursor` for the next page; null on the last one. */
  next: string | null
}

/** GET /api/runs/<id> */
export interface RunDetailAnswer extends RunAnswer {
  streams: StreamRunAnswer[]
}

/** GET /api/runs/progress?ids=a,b (at most 50): streams that ended, of all, by run. */
export interface RunsProgressAnswer {
  progress: Record<string, { done: number; total: number }>
}

export type Phase = 'queued' | 'extracting' | 'loading' | 'done'

/** GET /api/runs/<id>/progress: how far each stream is, and the newest 200 log lines. */
export interface RunProgressAnswer {
  streams: Record<string, { title: string; phase: Phase; expectedItems: number | null; landedItems: number }>
  lines: { stream: string; at: string; level: string; message: string }[]
}

/** GET /api/charts/<chart>?… */
export interface ChartAnswer {
  chart: string
  rows: Record<string, unknown>[]
  /** When the data was loaded; null while there is none. */
  asOf: string | null
  warehouse: 'duckdb' | 'snowflake'
  params: Record<string, string>
}

/** GET /api/charts?names=a,b&… (at most 8): several questions in one call. */
export interface ChartsAnswer {
  charts: ChartAnswer[]
}

export interface ErrorAnswer {
  error: { code: string; message: string; remedy: string }
}

/** GET /api/health */
export interface HealthAnswer {
  status: 'ok' | 'degraded' | 'down'
  bootId: string
  version: string
  checks: { name: string; status: 'ok' | 'degraded' | 'down'; detail: string }[]
}

/** GET /api/me: what the frame of every page shows. The layout renders with it, so the first view asks nothing. */
export interface MeAnswer {
  id: string
  name: string
  image: string | null
  isAdmin: boolean
  demo: boolean
  /** IANA zone, or null while the browser has not told it. */
  zone: string | null
  /** 1 = Monday … 7 = Sunday. */
  weekStart: number
  dataAsOf: string | null
  consent: { state: 'given' | 'reconnect' | 'disconnected'; endsAt: string | null; problem: string | null }
  /** The run that is under way, or the last one. */
  lastRun: { id: string; state: RunStateWord; endedAt: string | null } | null
  nextRunAt: string | null
}

/** GET /api/connections */
export interface ConnectionsAnswer {
  spotify: {
    state: 'given' | 'reconnect' | 'disconnected'
    problem: string | null
    account: string
    app: string
    authorizedAt: string | null
    endsAt: string | null
    scopes: { scope: string; granted: boolean; meaning: string }[]
    capabilities: { name: string; available: boolean | null; detail: string }[]
  }
  warehouses: {
    kind: 'duckdb' | 'snowflake'
    state: string
    problem: string | null
    remedy: string | null
    detail: string
    bytes: number | null
    waitingReads: number
    lastLoadedAt: string | null
  }[]
}

/** GET and PUT /api/settings {zone?, weekStart?} */
export interface SettingsAnswer {
  zone: string | null
  weekStart: number
  schedules: { group: string; every: string; streams: string[]; nextAt: string | null }[]
}

/** POST /api/erase {confirm: the listener's name}: the receipt. The session is over afterwards. */
export interface EraseAnswer {
  receipt: string
  erasedAt: string
  postgresRows: Record<string, number>
  landedObjects: number
  warehouseFiles: number
}

/** GET /api/admin/listeners */
export interface AdminListenersAnswer {
  listeners: {
    id: string
    name: string
    isAdmin: boolean
    consent: 'given' | 'reconnect' | 'disconnected'
    consentEndsAt: string | null
    lastPlayAt: string | null
    lastRunState: RunStateWord | null
    warehouse: string
    warehouseBytes: number | null
    createdAt: string
  }[]
  next: string | null
}

/** GET /api/admin/overview: quota, health and the newest 100 audit events. */
export interface AdminOverviewAnswer {
  quota: {
    account: string
    group: string
    /** Requests of the last 24 hours. */
    used: number
    refused: number
    /** Requests a day was seen to take; null while unknown. */
    dayLimit: number | null
    windowLimit: number | null
    inFlight: number
    blockedUntil: string | null
  }[]
  health: HealthAnswer
  audit: { at: string; actor: string | null; action: string; subject: string | null }[]
}

/** GET /api/setup */
export interface SetupAnswer {
  mode: 'demo' | 'real'
  redirectUri: string
  clientId: string | null
  secretSavedAt: string | null
  /** The request needs the one-time code printed at start. */
  needsCode: boolean
}

/** POST /api/setup {clientId, clientSecret, code?, save: boolean}: the checks, and what happens next. */
export interface SetupCheckAnswer {
  checks: { name: string; ok: boolean; message: string; remedy: string | null }[]
  saved: boolean
}
