/**
 * The JSON answers of the app's own addresses. Routes give them, pages read them; times are ISO 8601 UTC.
 * docs/api.md describes them for people who write scripts.
 */

import type { WarehouseKind } from '#lib/warehouse/facts.ts'

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
  /** The run that this one repeats. */
  rerunOf: string | null
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
  /** A backfill: read whole, whatever the head said. */
  whole: boolean
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

/** POST /api/runs and /api/runs/<id>/rerun {streams?, whole?}: the run, and what of the order is not in it. */
export interface OrderedRunAnswer extends RunAnswer {
  /** Titles of streams that were read a moment ago. */
  leftOut: string[]
  /** Streams that an earlier run is still at, or waits with. */
  underWay: { title: string; run: string; waitingUntil: string | null }[]
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
  warehouse: WarehouseKind
  params: Record<string, string>
  /** The connected warehouse is being asked; ask again. Only where SERVE_FROM is connected, with status 202. */
  preparing?: true
}

/** GET /api/charts?names=a,b&… (at most 8): several questions in one call. */
export interface ChartsAnswer {
  charts: ChartAnswer[]
}

export interface ErrorAnswer {
  error: {
    code: string
    message: string
    remedy: string
    /** What is wrong with single fields of what was sent, by their path. */
    fields?: Record<string, string>
  }
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
  /** The Spotify app of the listener's consent, while it is paused; for admins also the operator's. */
  pausedApp: PausedApp | null
  /** Whether pages ask the embedded copy or the connected warehouse. */
  serving: 'embedded' | 'connected'
  /** The listener's own Snowflake, when it is connected. */
  snowflake: {
    state: SnowflakeStateWord
    problem: string | null
    remedy: string | null
    tokenEndsAt: string | null
  } | null
  /** What is wrong besides consent, app and Snowflake, the oldest first; `path` leads to the details. */
  troubles: { title: string; problem: string; remedy: string | null; since: string; path: string }[]
  /** Whether a channel is told when something fails, and the channels whose last message did not arrive. */
  telling: { isTold: boolean; failing: { label: string; problem: string }[] }
}

/** `needs you`: nothing is tried until the listener does something; what was read waits. */
export type SnowflakeStateWord = 'ready' | 'loading' | 'waiting' | 'needs you'

/** An app through which nothing is asked, because its owner's Premium lapsed. */
export interface PausedApp {
  problem: string
  since: string
  /** Until then nothing is tried. */
  nextLookAt: string | null
  /** A listener brought it; else it is the operator's. */
  isOwn: boolean
}

/** Listeners who sign in through an app, of those whom Spotify lets into one. */
export interface AppPlaces {
  taken: number
  most: number
}

/** What a pause may have cost of the recent plays, of which Spotify keeps the last 50. */
export interface PlaysGap {
  /** `growing`: nothing is fetched; `not known yet`: the next look tells; `missing`: plays between may be. */
  state: 'none' | 'growing' | 'not known yet' | 'missing'
  from: string
  to: string | null
}

/** GET /api/connections */
export interface ConnectionsAnswer {
  spotify: {
    state: 'given' | 'reconnect' | 'disconnected'
    problem: string | null
    account: string
    app: string
    /** A listener brought it; else it is the operator's. */
    isOwnApp: boolean
    places: AppPlaces
    paused: PausedApp | null
    gap: PlaysGap | null
    authorizedAt: string | null
    endsAt: string | null
    scopes: { scope: string; granted: boolean; meaning: string }[]
    capabilities: { name: string; available: boolean | null; detail: string }[]
  }
  /** What a Spotify app of the listener's own needs. */
  ownApp: {
    redirectUri: string
    /** Client id of the operator's. */
    instanceApp: string
    /** Apps that another one may share its developer account with. */
    sharable: { clientId: string; isOwn: boolean }[]
  }
  warehouses: {
    kind: WarehouseKind
    state: string
    problem: string | null
    remedy: string | null
    detail: string
    bytes: number | null
    waitingReads: number
    lastLoadedAt: string | null
  }[]
}

/** `recommended`: the group's own plan. */
export type ScheduleKindWord =
  | 'recommended'
  | 'every 15 minutes'
  | 'every 30 minutes'
  | 'hourly'
  | 'daily'
  | 'weekly'
  | 'off'

export interface ScheduleAnswer {
  group: string
  label: string | null
  kind: ScheduleKindWord
  /** Waking hours in the listener's zone: 0 to 23, and 1 to 24. Those of `every …` count. */
  fromHour: number
  toHour: number
  /** Time of day of daily and weekly ones, such as 7:30; null spreads the listeners around 5:00. */
  at: string | null
  /** Day of weekly ones: 1 = Monday … 7 = Sunday. */
  weekday: number | null
  paused: boolean
  /** The plan in words, and the one that is recommended. */
  every: string
  recommended: string
  streams: string[]
  /** Null while it is paused, off, or Spotify is not connected. */
  nextAt: string | null
}

/** GET and PUT /api/settings {zone?, weekStart?}; PUT /api/settings/schedules ScheduleChange */
export interface SettingsAnswer {
  zone: string | null
  weekStart: number
  schedules: ScheduleAnswer[]
}

/** PUT /api/settings/schedules: the plan of one group; what is left out stays. */
export interface ScheduleChange
  extends Partial<Omit<ScheduleAnswer, 'group' | 'every' | 'recommended' | 'streams' | 'nextAt'>> {
  group: string
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
    suspendedAt: string | null
    /** Client id of the Spotify app of their consent, and whether a listener brought it. */
    app: string | null
    isOwnApp: boolean
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

export interface InviteAnswer {
  id: string
  note: string | null
  /** Name of the admin who made it. */
  by: string | null
  uses: number
  mostUses: number
  createdAt: string
  endsAt: string
  state: 'open' | 'used up' | 'expired' | 'revoked'
}

/** GET /api/admin/invites?cursor=&limit=: newest first. The links themselves are not kept. */
export interface InvitesAnswer {
  /** Who may sign up: everybody, who has a link, or nobody. */
  signUps: 'open' | 'invite' | 'closed'
  invites: InviteAnswer[]
  next: string | null
}

/** POST /api/admin/invites {note?, mostUses?, days?}: the link is shown this once. */
export interface NewInviteAnswer {
  invite: InviteAnswer
  link: string
}

/** POST /api/spotify-app {clientId, clientSecret, sameDeveloperAs?, invite?, save}: a listener's own Spotify app. */
export interface OwnAppAnswer extends SetupCheckAnswer {
  /** Sent along with the sign-in form as `app`: it leads through this app. Null while nothing was saved. */
  app: string | null
}

export interface SpotifyAppAnswer {
  clientId: string
  isInstances: boolean
  /** Name of the listener who brought it. */
  owner: string | null
  /** Apps of one developer account share one quota. */
  developerAccount: string
  places: AppPlaces
  paused: PausedApp | null
}

/** GET /api/admin/overview: health, the newest 100 audit events, and what is notable of quota and apps. */
export interface AdminOverviewAnswer {
  /** Of the operator's developer account, and of those that Spotify refuses or blocks. */
  quota: {
    account: string
    group: string
    /** Requests of the last 24 hours. */
    used: number
    refused: number
    /** Requests a day was seen to take; null while unknown. */
    dayLimit: number | null
    windowLimit: number | null
    blockedUntil: string | null
  }[]
  health: HealthAnswer
  /** Listeners for whom something is wrong now, the longest first; `count` is of all. */
  troubled: { count: number; listeners: { id: string; name: string; since: string | null; troubles: string[] }[] }
  /** The operator's, those that are paused, and the newest of the others. */
  apps: SpotifyAppAnswer[]
  /** The setting ADMINS decides who is admin. */
  adminsAreSet: boolean
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
  checks: {
    name: string
    ok: boolean
    message: string
    remedy: string | null
    /** Which field of the form is wrong, where it is one. */
    field?: 'clientId' | 'clientSecret'
  }[]
  saved: boolean
}

export type SnowflakeMethodWord = 'key pair' | 'pasted key' | 'token' | 'password'

/** The fields of the form that are no secrets, as typed; names are normalised when they are checked. */
export interface SnowflakeFields {
  account: string
  user: string
  method: SnowflakeMethodWord
  role: string
  warehouse: string
  database: string
  schema: string
  /** Day on which a token ends, YYYY-MM-DD; null for other methods. */
  tokenEndsOn: string | null
}

/** Write-only: what is left out keeps what was saved. */
export interface SnowflakeSecrets {
  privateKey?: string
  passphrase?: string
  token?: string
  password?: string
}

/** POST /api/warehouse/test and PUT /api/warehouse */
export type SnowflakeForm = SnowflakeFields & SnowflakeSecrets

export interface SnowflakeCheck {
  name: string
  /** `advice`: works, and could be better; `not reached`: an earlier one failed. */
  state: 'ok' | 'failed' | 'advice' | 'not reached'
  message: string
  remedy: string | null
  ms: number
}

/** Checks never throw for what they find; `saved` only after PUT with all passed. */
export interface SnowflakeCheckAnswer {
  /** Of single fields, before anything is asked; then there are no checks. */
  fieldProblems: Partial<Record<keyof SnowflakeForm, string>>
  checks: SnowflakeCheck[]
  saved: boolean
}

/** A key pair that Tracklake made; the private half never leaves it. */
export interface SnowflakeKeyAnswer {
  /** Base64 of the public half without BEGIN and END, as the script wants it. */
  publicKey: string
  /** As DESC USER shows it: SHA256:… */
  fingerprint: string
  /** Which of the user's two places: RSA_PUBLIC_KEY or RSA_PUBLIC_KEY_2. */
  slot: 1 | 2
  madeAt: string
}

export type CadenceWord = 'daily' | '6-hourly' | 'hourly' | 'every extract'

export type LoadMethodWord = 'overwrite' | 'append' | 'upsert'

/** One session of loading, newest first. */
export interface SnowflakeLoadAnswer {
  /** The run; /runs/<id> shows it. */
  id: string
  state: RunStateWord
  startedAt: string | null
  endedAt: string | null
  reads: number
  new: number
  changed: number
  removed: number
  statements: number
  roundTrips: number
  bytes: number
  /** How long the warehouse worked, seconds. */
  seconds: number
  /** Estimated by the minute that each start of the warehouse costs. */
  credits: number
  problem: string | null
  remedy: string | null
}

export interface SnowflakeTableAnswer {
  table: string
  title: string
  rows: number | null
  /** `own method`: by another method than the serving copy, so not compared; `loaded`: there is no copy to compare with. */
  state: 'in step' | 'loaded' | 'behind' | 'differs' | 'own method' | 'not loaded'
  /** Reads that wait for this table. */
  waitingReads: number
}

/** GET /api/warehouse */
export interface SnowflakeAnswer {
  connected: boolean
  state: SnowflakeStateWord | null
  problem: string | null
  remedy: string | null
  waitingUntil: string | null
  /** What is saved; before that what Tracklake proposes. */
  fields: SnowflakeFields
  /** About the saved secret of the method in use; null while nothing is saved. */
  secret: { savedAt: string; fingerprint: string | null } | null
  /** The key pair made here: in use, or waiting to be. */
  key: SnowflakeKeyAnswer
  /** Made by "Rotate key", not in use yet. */
  nextKey: SnowflakeKeyAnswer | null
  cadence: CadenceWord
  nextLoadAt: string | null
  /** How long a load of this listener keeps the warehouse at work, seconds; a guess before the first. */
  secondsPerLoad: number
  addRecordMetadata: boolean
  methods: { stream: string; title: string; method: LoadMethodWord; choices: LoadMethodWord[] }[]
  waitingReads: number
  tables: SnowflakeTableAnswer[]
  comparedAt: string | null
  loads: SnowflakeLoadAnswer[]
  /** The last 30 days that had a load, newest first. */
  days: { day: string; loads: number; statements: number; seconds: number; credits: number }[]
}

/** PUT /api/warehouse/settings; each left out stays. */
export interface SnowflakeSettingsChange {
  cadence?: CadenceWord
  addRecordMetadata?: boolean
  methods?: Record<string, LoadMethodWord>
}

/** POST /api/warehouse/load {everything?}: 202 the run; `everything` copies all tables of the serving copy again. */
/** POST /api/warehouse/key {deed}: `make` a next key, `use` it (checked first), `drop` it. Answers SnowflakeCheckAnswer. */
export type SnowflakeKeyDeed = 'make' | 'use' | 'drop'

export type ChannelKindWord = 'slack' | 'discord' | 'ntfy' | 'webhook' | 'email'

/** What a listener may be told of. */
export type TellingEventWord = 'succeeded' | 'failed' | 'incomplete' | 'recovered' | 'consent ending' | 'weekly summary'

/** A way to tell the listener something. Its address is write-only. */
export interface ChannelAnswer {
  id: string
  kind: ChannelKindWord
  label: string
  events: TellingEventWord[]
  /** When the address was saved. */
  savedAt: string
  /** When a message last arrived. */
  lastSentAt: string | null
  /** Why the last message did not arrive; null when it did. */
  problem: string | null
}

/** GET /api/channels */
export interface ChannelsAnswer {
  channels: ChannelAnswer[]
  /** Whether the operator named a mail server. */
  canMail: boolean
}

/** POST /api/channels; PUT /api/channels/<id> without the kind, what is left out stays. */
export interface ChannelForm {
  kind: ChannelKindWord
  label: string
  address: string
  /** Access token of a protected ntfy topic. */
  token?: string
  events: TellingEventWord[]
}

/** Answer of both. */
export interface ChannelSavedAnswer {
  channel: ChannelAnswer
  /** What signs messages to a webhook: shown this once, after a new address was saved. */
  signingSecret: string | null
}

/** POST /api/channels/<id>/test */
export interface ChannelTestAnswer {
  arrived: boolean
  problem: string | null
  remedy: string | null
}

/** What a token lets a script do. */
export type TokenScope = 'read charts' | 'read runs' | 'start runs'

export interface ApiTokenAnswer {
  id: string
  name: string
  scopes: TokenScope[]
  createdAt: string
  endsAt: string
  /** To the minute. */
  lastUsedAt: string | null
  ended: boolean
}

/** GET /api/tokens and DELETE /api/tokens/<id>: newest first, never the tokens themselves. */
export interface ApiTokensAnswer {
  tokens: ApiTokenAnswer[]
  /** How many one listener may have. */
  most: number
}

/** POST /api/tokens {name, scopes, days}: the token is shown this once. */
export interface NewApiTokenAnswer {
  token: string
  made: ApiTokenAnswer
}

/** One group of addresses of a developer account: Spotify counts their requests in the last 24 hours. */
export interface QuotaGroupAnswer {
  group: string
  used: number
  refused: number
  /** In the last 30 s. */
  usedInWindow: number
  limit: number
  /** Known from a refusal, or a guess, which holds nothing back. */
  isKnown: boolean
  /** Spotify refuses until then. */
  blockedUntil: string | null
  /** Requests wait until then so that Spotify need not refuse them; `reserve`: the rest is kept for recently played. */
  heldUntil: string | null
  heldBy: 'budget' | 'reserve' | null
  /** When the limit is reached if it goes on as in the last hours; null when it is not within a day. */
  spentAt: string | null
  /** What a day of the schedules needs, about. */
  planned: number
  fits: boolean
}

export interface QuotaAccountAnswer {
  account: string
  /** The apps that spend this quota. */
  apps: {
    clientId: string
    /** Name of the listener who brought it; null for the operator's. */
    owner: string | null
    listeners: number
    /** Requests that 30 s take, once a refusal taught it. */
    windowLimit: number | null
    /** Everybody on the app pauses until then. */
    pausedUntil: string | null
  }[]
  used: number
  /** Of all groups together; null until recently played and another group were refused together. */
  limit: number | null
  /** What the other groups leave to recently played of it. */
  reserve: number | null
  groups: QuotaGroupAnswer[]
}

/** GET /api/admin/quota?cursor=&limit= */
export interface QuotaAnswer {
  accounts: QuotaAccountAnswer[]
  next: string | null
}
