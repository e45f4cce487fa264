-- AlterTable
ALTER TABLE "LoadLedger" ADD COLUMN     "music" TEXT;

-- CreateIndex
CREATE INDEX "LoadLedger_connectionId_music_idx" ON "LoadLedger"("connectionId", "music");
