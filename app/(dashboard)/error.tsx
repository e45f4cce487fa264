'use client'

export { ErrorNote as default } from '#app/_ui/error-note.tsx'
