import type { TestedFault } from './tested-fault.ts'

/** What goes wrong with uploads, and while they are imported. */
export const IMPORTS: TestedFault[] = [
  {
    fault: 'An upload of 501 MB, without a length, cut off, or no form',
    outcome: 'It is refused with its reason. Nothing of it stays, and earlier imports are as before.',
    file: 'e2e/import.spec.ts',
    test: 'uploads that are too large, cut off or no form are refused and leave nothing',
  },
  {
    fault: 'The disk has no room for an upload, a form with 51 files, another field, or no files',
    outcome: 'The same.',
    file: 'lib/imports/upload.integration.test.ts',
    test: 'an upload with %s is refused and leaves nothing',
  },
  {
    fault: 'Two uploads of a listener at once',
    outcome: 'One is accepted. The other is refused until that import has ended.',
    file: 'lib/imports/upload.integration.test.ts',
    test: 'of two uploads at once one is accepted, and the next only when its import has ended',
  },
  {
    fault: 'The web process dies during an upload',
    outcome: 'The next planning tick deletes what had arrived.',
    file: 'lib/imports/upload.integration.test.ts',
    test: 'what an upload left that died with its process is removed',
  },
  {
    fault: 'A process is killed while an import is read, landed, loaded or counted',
    outcome: 'The import continues, and ends with every play once.',
    file: 'lib/imports/crash.integration.test.ts',
    test: 'an import whose process dies once it is %s ends with every play once',
  },
  {
    fault: 'The process that reads the files is killed',
    outcome: 'The job starts it again. Files that were read before are skipped.',
    file: 'lib/imports/crash.integration.test.ts',
    test: 'a killed reading process is started again by its job, and nothing is double',
  },
  {
    fault: 'A process is killed while an import is undone',
    outcome: 'The removal continues, and ends without a play of it.',
    file: 'lib/imports/crash.integration.test.ts',
    test: 'an undo whose process dies ends with no play of it',
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
    test: 'an import whose job died is continued when its lease ends, and whose files are gone fails',
  },
  {
    fault: 'An export of somebody else',
    outcome: 'It asks whose it is before anything is counted.',
    file: 'lib/imports/work.integration.test.ts',
    test: 'somebody else’s export is only counted once the listener says that it is theirs',
  },
]
