-- AlterTable
ALTER TABLE "Import" ADD COLUMN     "playlist" JSONB;
