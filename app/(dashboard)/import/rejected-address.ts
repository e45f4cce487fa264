/** The file with the rows of an import that were not imported. */
export const getRejectedRows = (id: string) => `/api/imports/${id}/rejected.csv`
