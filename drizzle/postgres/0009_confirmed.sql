ALTER TABLE "officers" ADD COLUMN "confirmed_at" bigint;--> statement-breakpoint
ALTER TABLE "officers" ADD COLUMN "brought_in" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
-- Whoever was an officer before anybody confirmed stays one who counts.
UPDATE "officers" SET "confirmed_at" = "at";