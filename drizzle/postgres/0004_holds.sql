CREATE TABLE "exported" (
	"export_id" text NOT NULL,
	"part" integer NOT NULL,
	"at" bigint NOT NULL,
	"people" jsonb NOT NULL,
	CONSTRAINT "exported_export_id_part_pk" PRIMARY KEY("export_id","part")
);
--> statement-breakpoint
CREATE TABLE "legal_holds" (
	"id" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"reason_sealed" text NOT NULL,
	"by" text NOT NULL,
	"at" bigint NOT NULL,
	"live" text,
	"released_by" text,
	"released_at" bigint
);
--> statement-breakpoint
CREATE INDEX "exported_at" ON "exported" USING btree ("at");--> statement-breakpoint
CREATE UNIQUE INDEX "legal_holds_live" ON "legal_holds" USING btree ("live");--> statement-breakpoint
CREATE INDEX "legal_holds_person" ON "legal_holds" USING btree ("person_id");