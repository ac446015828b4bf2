CREATE TABLE "series_versions" (
	"exam" text NOT NULL,
	"version" integer NOT NULL,
	"rules" jsonb NOT NULL,
	"by" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "series_versions_exam_version_pk" PRIMARY KEY("exam","version")
);
--> statement-breakpoint
CREATE TABLE "declarations" (
	"person_id" text NOT NULL,
	"centre_code" text NOT NULL,
	"why" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "declarations_person_id_centre_code_pk" PRIMARY KEY("person_id","centre_code")
);
--> statement-breakpoint
CREATE TABLE "heads" (
	"centre_code" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"msisdn" text NOT NULL,
	"pin_hash" text,
	"one_time_hash" text,
	"one_time_until" bigint,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "plans" (
	"id" text PRIMARY KEY NOT NULL,
	"job_code" text NOT NULL,
	"state" text NOT NULL,
	"rules_version" integer NOT NULL,
	"digest" text NOT NULL,
	"summary" jsonb NOT NULL,
	"by" text NOT NULL,
	"at" bigint NOT NULL,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "placements" (
	"plan_id" text NOT NULL,
	"person_id" text NOT NULL,
	"centre_code" text NOT NULL,
	"seat" integer NOT NULL,
	"county" text NOT NULL,
	"metres" integer NOT NULL,
	"kind" text NOT NULL,
	"warning" text,
	CONSTRAINT "placements_plan_id_person_id_pk" PRIMARY KEY("plan_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "plan_needs" (
	"plan_id" text NOT NULL,
	"centre_code" text NOT NULL,
	"county" text NOT NULL,
	"need" integer NOT NULL,
	"filled" integer NOT NULL,
	"reason" text,
	CONSTRAINT "plan_needs_plan_id_centre_code_pk" PRIMARY KEY("plan_id","centre_code")
);
--> statement-breakpoint
CREATE TABLE "plan_reserves" (
	"plan_id" text NOT NULL,
	"person_id" text NOT NULL,
	"county" text NOT NULL,
	"sub_county" text NOT NULL,
	"rank" integer NOT NULL,
	CONSTRAINT "plan_reserves_plan_id_person_id_pk" PRIMARY KEY("plan_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "reserves" (
	"job_code" text NOT NULL,
	"person_id" text NOT NULL,
	"county" text NOT NULL,
	"sub_county" text NOT NULL,
	"rank" integer NOT NULL,
	"state" text NOT NULL,
	"changed_at" bigint NOT NULL,
	CONSTRAINT "reserves_job_code_person_id_pk" PRIMARY KEY("job_code","person_id")
);
--> statement-breakpoint
CREATE TABLE "openings" (
	"id" text PRIMARY KEY NOT NULL,
	"job_code" text NOT NULL,
	"centre_code" text NOT NULL,
	"county" text NOT NULL,
	"seat" integer NOT NULL,
	"why" text NOT NULL,
	"state" text NOT NULL,
	"at" bigint NOT NULL,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "attendance" (
	"deployment_id" text NOT NULL,
	"day" text NOT NULL,
	"job_code" text NOT NULL,
	"centre_code" text NOT NULL,
	"county" text NOT NULL,
	"mark" text NOT NULL,
	"by" text NOT NULL,
	"at" bigint NOT NULL,
	"disputed_at" bigint,
	"dispute_sealed" text,
	"settled_by" text,
	CONSTRAINT "attendance_deployment_id_day_pk" PRIMARY KEY("deployment_id","day")
);
--> statement-breakpoint
CREATE TABLE "paylists" (
	"id" text PRIMARY KEY NOT NULL,
	"job_code" text NOT NULL,
	"state" text NOT NULL,
	"lines" integer NOT NULL,
	"total_kes" integer NOT NULL,
	"control_sum" text NOT NULL,
	"rules_version" integer NOT NULL,
	"by" text NOT NULL,
	"at" bigint NOT NULL,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pay_lines" (
	"id" text PRIMARY KEY NOT NULL,
	"list_id" text NOT NULL,
	"deployment_id" text NOT NULL,
	"live" text,
	"person_id" text NOT NULL,
	"county" text NOT NULL,
	"days" integer NOT NULL,
	"rate_kes" integer NOT NULL,
	"allowance_kes" integer NOT NULL,
	"deduction_kes" integer NOT NULL,
	"total_kes" integer NOT NULL,
	"bank" text NOT NULL,
	"payee_sealed" text NOT NULL,
	"state" text NOT NULL,
	"reason" text,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pay_issues" (
	"deployment_id" text NOT NULL,
	"kind" text NOT NULL,
	"job_code" text NOT NULL,
	"person_id" text NOT NULL,
	"county" text NOT NULL,
	"state" text NOT NULL,
	"cleared_by" text,
	"at" bigint NOT NULL,
	"changed_at" bigint NOT NULL,
	CONSTRAINT "pay_issues_deployment_id_kind_pk" PRIMARY KEY("deployment_id","kind")
);
--> statement-breakpoint
CREATE TABLE "notices" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"job_code" text NOT NULL,
	"county" text,
	"by" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notice_people" (
	"notice_id" text NOT NULL,
	"deployment_id" text NOT NULL,
	"person_id" text NOT NULL,
	"county" text NOT NULL,
	"message" text NOT NULL,
	CONSTRAINT "notice_people_notice_id_deployment_id_pk" PRIMARY KEY("notice_id","deployment_id")
);
--> statement-breakpoint
ALTER TABLE "applications" ADD COLUMN "rules_version" integer;--> statement-breakpoint
ALTER TABLE "applications" ADD COLUMN "left_out" text;--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "origin" text DEFAULT 'import' NOT NULL;--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "seat" integer;--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "held" text;--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "answer_by" bigint;--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "offered_from" text;--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "rules_version" integer;--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "metres" integer;--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "confirmed_by" text;--> statement-breakpoint
CREATE INDEX "heads_msisdn" ON "heads" USING btree ("msisdn");--> statement-breakpoint
CREATE INDEX "plans_job" ON "plans" USING btree ("job_code","at");--> statement-breakpoint
CREATE UNIQUE INDEX "placements_seat" ON "placements" USING btree ("plan_id","centre_code","seat");--> statement-breakpoint
CREATE INDEX "placements_county" ON "placements" USING btree ("plan_id","county","centre_code","seat");--> statement-breakpoint
CREATE INDEX "placements_warning" ON "placements" USING btree ("plan_id","warning");--> statement-breakpoint
CREATE INDEX "plan_needs_county" ON "plan_needs" USING btree ("plan_id","county","reason");--> statement-breakpoint
CREATE INDEX "plan_reserves_sub_county" ON "plan_reserves" USING btree ("plan_id","county","sub_county","rank");--> statement-breakpoint
CREATE INDEX "reserves_sub_county" ON "reserves" USING btree ("job_code","state","county","sub_county","rank");--> statement-breakpoint
CREATE INDEX "openings_state" ON "openings" USING btree ("state","job_code","county","at");--> statement-breakpoint
CREATE INDEX "attendance_job" ON "attendance" USING btree ("job_code","day","county","mark");--> statement-breakpoint
CREATE INDEX "attendance_centre" ON "attendance" USING btree ("centre_code","day");--> statement-breakpoint
CREATE INDEX "attendance_disputed" ON "attendance" USING btree ("settled_by","disputed_at");--> statement-breakpoint
CREATE INDEX "paylists_job" ON "paylists" USING btree ("job_code","at");--> statement-breakpoint
CREATE UNIQUE INDEX "pay_lines_live" ON "pay_lines" USING btree ("live");--> statement-breakpoint
CREATE INDEX "pay_lines_list" ON "pay_lines" USING btree ("list_id","bank","id");--> statement-breakpoint
CREATE INDEX "pay_lines_person" ON "pay_lines" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "pay_lines_deployment" ON "pay_lines" USING btree ("deployment_id");--> statement-breakpoint
CREATE INDEX "pay_issues_state" ON "pay_issues" USING btree ("job_code","state","kind","county","deployment_id");--> statement-breakpoint
CREATE INDEX "pay_issues_person" ON "pay_issues" USING btree ("person_id","state");--> statement-breakpoint
CREATE INDEX "notices_at" ON "notices" USING btree ("at");--> statement-breakpoint
CREATE INDEX "notice_people_county" ON "notice_people" USING btree ("notice_id","county","deployment_id");--> statement-breakpoint
CREATE UNIQUE INDEX "deployments_held" ON "deployments" USING btree ("held");--> statement-breakpoint
CREATE INDEX "deployments_answer" ON "deployments" USING btree ("status","answer_by");--> statement-breakpoint
CREATE INDEX "deployments_place" ON "deployments" USING btree ("job_code","centre_code","seat");