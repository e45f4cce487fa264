-- AlterTable
ALTER TABLE "LandedObject" ADD COLUMN     "packedAs" INTEGER;

-- AlterTable
ALTER TABLE "StreamRead" ADD COLUMN     "packedAt" TIMESTAMPTZ(3);
