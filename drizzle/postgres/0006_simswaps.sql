CREATE TABLE "sim_swaps" (
	"msisdn" text PRIMARY KEY NOT NULL,
	"reset_at" bigint NOT NULL,
	"state" text NOT NULL,
	"request_id" text,
	"swapped_on" text,
	"cleared_by" text,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "sim_swaps_state" ON "sim_swaps" USING btree ("state","reset_at");--> statement-breakpoint
CREATE UNIQUE INDEX "sim_swaps_request" ON "sim_swaps" USING btree ("request_id");