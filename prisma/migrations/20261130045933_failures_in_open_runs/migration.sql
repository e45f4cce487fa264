-- AlterTable
ALTER TABLE "StreamRun" ADD COLUMN     "recoveredAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "Trouble" ADD COLUMN     "notifiedAs" TEXT;
