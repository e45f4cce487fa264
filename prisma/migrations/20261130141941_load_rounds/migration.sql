-- AlterTable
ALTER TABLE "LoadLedger" ADD COLUMN     "round" INTEGER NOT NULL DEFAULT 0;
