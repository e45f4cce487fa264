-- AlterTable
ALTER TABLE "StreamRun" ADD COLUMN     "duplicates" INTEGER NOT NULL DEFAULT 0;
