import { expect, test } from 'vitest'
import { checkReadOnly } from './read-only.ts'

test.for([
  'select 1',
  'SELECT * FROM "DB"."RAW"."SONGS" WHERE title = ?',
  'with a as (select 1 as one) select * from a',
  '-- a comment; with drop table\nselect 1',
  '/* ; drop */ select 1 -- end',
  "select 'it''s; drop table x' as text, '\\'; delete' as more",
  'select "drop; table", "a""b; update" from t',
  'select updated_at, created_by, "INTO" from t',
  'select a - -1 from t',
  'select $$ drop; $$ as x',
])('%j is allowed', (sql) => {
  expect(() => checkReadOnly(sql)).not.toThrow()
})

test.for([
  '',
  ' ',
  'selec 1',
  'selection from t',
  'drop table t',
  'show tables',
  'call proc()',
  'select 1; drop table t',
  'select 1;',
  'select 1 ->> drop table t',
  'select 1 ->> select 2',
  "select system$cancel_query('x')",
  'select SYSTEM$ABORT_SESSION(1)',
  'select * from @~/file',
  'select seq.nextval',
  'with a as (select 1) delete from t',
  'with a as (select 1) insert into t select * from a',
  "select 'open; drop table t",
  'select "open; drop table t',
  '/* open select 1',
  "select 1 /* ' */; drop table t -- '",
  "select '\\'; drop table t; --'; delete from t",
  `select '${'x'.repeat(70_000)}'`,
])('%j is refused', (sql) => {
  expect(() => checkReadOnly(sql)).toThrow(expect.objectContaining({ recovery: 'stop' }))
})
