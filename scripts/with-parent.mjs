// Loaded before Next (node --import): ends this process when the supervisor is gone, even after kill -9. Then standard
// input ends, because the supervisor holds its other end.
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  process.stdin.on('end', end).on('error', end).resume()
  process.stdin.unref?.()
}

function end() {
  process.kill(process.pid, 'SIGTERM')
  setTimeout(() => process.exit(1), 5000).unref()
}
