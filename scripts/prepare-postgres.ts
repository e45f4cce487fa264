import { programFolder } from './postgres-programs.ts'

/** Makes the programs of the embedded Postgres usable, once, where the packages belong to another user than the process. */
console.log(programFolder())
