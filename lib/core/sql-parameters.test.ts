import { expect, test } from 'vitest'
import { parametersOf } from './sql-parameters.ts'

test.for<[sql: string, names: string[]]>([
  ['select $from, $to, $from', ['from', 'to']],
  ['select $From, $from', ['From']],
  ["select '$no', \"$no\", 'it''s $no', $yes", ['yes']],
  ["select e'\\'$no', E'$no''$no', $yes", ['yes']],
  ['select 1 -- $no\n, $yes /* $no */', ['yes']],
  ['select $$ $no $$, $tag$ $no $$ $tag$, $yes', ['yes']],
  ['select a$no, $1, $ , $', []],
  ['select $künstler, $شعر', ['künstler', 'شعر']],
  ["select '$no", []],
  ['/* $no', []],
  ['', []],
])('the parameters of %s', ([sql, names]) => expect(parametersOf(sql)).toEqual(names))

test('takes time in proportion to the length', () => {
  for (const part of ["'", '$', '$a', '/*', '-', 'e\\', '"']) expect(parametersOf(part.repeat(64 * 1024))).toBeDefined()
})
