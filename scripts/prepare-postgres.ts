import { programFolder } from './postgres-programs.ts'

/** Prepares the programs of the embedded Postgres when the image is built, because its user can't change the packages. */
console.log(programFolder())
