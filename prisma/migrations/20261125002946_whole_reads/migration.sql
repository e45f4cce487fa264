-- AlterTable
ALTER TABLE "StreamRun" ADD COLUMN     "whole" BOOLEAN NOT NULL DEFAULT false;
