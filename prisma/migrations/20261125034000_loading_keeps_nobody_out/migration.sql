-- One stream run at a time reads a stream of a listener. One that only waits for its load keeps no other one out: plays
-- and top lists of today cannot be read later.
DROP INDEX "StreamRun_one_active";
CREATE UNIQUE INDEX "StreamRun_one_reader" ON "StreamRun"("userId", "stream")
  WHERE "state" IN ('queued', 'running', 'waiting') AND "phase" IS DISTINCT FROM 'loading';
