import type { TestedFault } from './tested-fault.ts'

/** What goes wrong with uploads, and while they are imported. */
export const IMPORTS: TestedFault[] = [
  {
    fault: 'An upload of 501 MB, without a length, cut off, or that isn’t a form',
    outcome: 'It is refused with the reason. It leaves nothing behind, and earlier imports are unchanged.',
    file: 'e2e/import.spec.ts',
    test: 'uploads that are too large, cut off or not a form are refused and leave nothing',
  },
  {
    fault: 'The disk has no room for an upload, a form with 51 files, another field, or no files',
    outcome: 'The same.',
    file: 'lib/imports/upload.integration.test.ts',
    test: 'an upload with %s is refused and leaves nothing',
  },
  {
    fault: 'A listener starts two uploads at once',
    outcome: 'One is accepted. The other is refused until that import has ended.',
    file: 'lib/imports/upload.integration.test.ts',
    test: 'accepts one of two uploads at once, and the next when that import has ended',
  },
  {
    fault: 'The web process dies during an upload',
    outcome: 'The next planning tick deletes what arrived.',
    file: 'lib/imports/upload.integration.test.ts',
    test: 'removes what an upload left behind when its process died',
  },
  {
    fault: 'A process is killed while an import is read, landed, loaded or counted',
    outcome: 'The import continues and ends with every play once.',
    file: 'lib/imports/crash.integration.test.ts',
    test: 'an import whose process dies once it is %s still ends with every play once',
  },
  {
    fault: 'The process that reads the files is killed',
    outcome: 'The job starts it again. Files that were read before are skipped.',
    file: 'lib/imports/crash.integration.test.ts',
    test: 'a job restarts a killed reading process, and no play is duplicated',
  },
  {
    fault: 'A process is killed while an import is undone',
    outcome: 'The removal continues until none of its plays are left.',
    file: 'lib/imports/crash.integration.test.ts',
    test: 'an undo whose process dies still removes every play',
  },
  {
    fault: 'An import is canceled while it waits, is read, or is loaded',
    outcome: 'Its landed pages, rows and files are removed.',
    file: 'lib/imports/work.integration.test.ts',
    test: 'an import that is canceled while %s leaves nothing',
  },
  {
    fault: 'The uploaded files are gone, for example after a backup was restored',
    outcome: 'The import fails and asks for them again.',
    file: 'lib/imports/work.integration.test.ts',
    test: 'an import continues once the lease of its dead job expires, and fails if its files are gone',
  },
  {
    fault: 'Somebody else’s export',
    outcome: 'The import asks whose it is before anything is counted.',
    file: 'lib/imports/work.integration.test.ts',
    test: 'somebody else’s export is only counted once the listener says that it is theirs',
  },
]
