import { expect, test } from 'vitest'
import { creationRemedy } from './postgres-programs.ts'

test.for([
  ['initdb: could not look up effective user ID 12345: user does not exist', '/etc/passwd'],
  ['initdb: error: could not write to file "x": No space left on device', 'Free disk space'],
  ['initdb: error: could not create directory "/data/postgres": Permission denied', 'owner and permissions'],
  [
    'initdb: error: could not change permissions of directory "/mnt/nas": Operation not permitted',
    'no Unix permissions',
  ],
  ['spawn /srv/app/bin/initdb EACCES', 'noexec'],
  ['spawn /srv/app/bin/initdb ENOENT', "don't run on this system"],
  ['postgres: error while loading shared libraries: libz.so.1', "don't run on this system"],
  ['FATAL: could not create shared memory segment: Cannot allocate memory', 'shared memory'],
  ['something new', 'See the message above'],
] as const)('suggests a fix for "%s"', ([message, remedy]) => {
  expect(creationRemedy(message)).toContain(remedy)
})
