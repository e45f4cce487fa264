/**
 * The engine's tables. The engine creates them itself, in a separate schema outside the app's migrations. Payloads are
 * text because jsonb rejects NUL characters, reorders keys and rounds numbers.
 */
export const SCHEMA = `
create schema if not exists engine;

-- Accepted events. A second event with the same key is a duplicate.
create table if not exists engine.events (
  key text primary key,
  received_at timestamptz not null
);
create index if not exists events_received_at on engine.events (received_at);

create table if not exists engine.runs (
  id text primary key,
  function_id text not null,
  event text not null,
  state text not null default 'running' check (state in ('running', 'completed', 'failed')),
  result text,
  started_at timestamptz not null default now(),
  ended_at timestamptz
);
create index if not exists runs_ended_at on engine.runs (ended_at) where ended_at is not null;

-- Finished steps only. The SDK replays them in the order of their positions.
create table if not exists engine.steps (
  run_id text not null references engine.runs on delete cascade,
  id text not null,
  position bigint generated always as identity,
  outcome text not null check (outcome in ('data', 'error')),
  value text not null,
  primary key (run_id, id)
);

-- What a run waits for: a call of the function (target 'step') or of one step, or the end of a sleep.
-- This table is authoritative; a job in graphile_worker is only its timer. The token is set while a call is active.
create table if not exists engine.calls (
  run_id text not null references engine.runs on delete cascade,
  target text not null,
  kind text not null check (kind in ('call', 'sleep')),
  attempt int not null,
  losses int not null,
  due_at timestamptz not null,
  token text,
  primary key (run_id, target)
);

create table if not exists engine.crons (
  function_id text not null,
  expression text not null,
  next_at timestamptz not null,
  primary key (function_id, expression)
);
`
