'use client'

export { ErrorNote as default } from '../_ui/error-note.tsx'
