-- AlterTable
ALTER TABLE "LandedObject" ADD COLUMN     "etag" TEXT;
