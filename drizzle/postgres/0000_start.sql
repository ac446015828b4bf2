CREATE TABLE "people" (
	"id" text PRIMARY KEY NOT NULL,
	"national_id_sealed" text NOT NULL,
	"national_id_index" text NOT NULL,
	"full_name" text NOT NULL,
	"msisdn" text NOT NULL,
	"tsc_number_sealed" text,
	"tsc_number_index" text,
	"kra_pin_sealed" text,
	"qualification" text NOT NULL,
	"subjects" jsonb NOT NULL,
	"home_county" text NOT NULL,
	"home_sub_county" text NOT NULL,
	"workstation_code" text,
	"status" text NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "name_words" (
	"word" text NOT NULL,
	"person_id" text NOT NULL,
	CONSTRAINT "name_words_word_person_id_pk" PRIMARY KEY("word","person_id")
);
--> statement-breakpoint
CREATE TABLE "accounts" (
	"person_id" text PRIMARY KEY NOT NULL,
	"msisdn" text NOT NULL,
	"password_hash" text,
	"one_time_hash" text,
	"one_time_until" bigint,
	"pin_hash" text,
	"alerts" boolean NOT NULL,
	"created_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "subscribers" (
	"msisdn" text PRIMARY KEY NOT NULL,
	"language" text NOT NULL,
	"stopped_at" bigint
);
--> statement-breakpoint
CREATE TABLE "profile_fields" (
	"person_id" text NOT NULL,
	"field" text NOT NULL,
	"value_sealed" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "profile_fields_person_id_field_pk" PRIMARY KEY("person_id","field")
);
--> statement-breakpoint
CREATE TABLE "series" (
	"exam" text PRIMARY KEY NOT NULL,
	"rules" jsonb NOT NULL,
	"version" integer NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "stations" (
	"centre_code" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"county" text NOT NULL,
	"sub_county" text NOT NULL,
	"latitude" double precision,
	"longitude" double precision,
	"candidates" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"code" text PRIMARY KEY NOT NULL,
	"code_key" text NOT NULL,
	"title" text NOT NULL,
	"title_sw" text NOT NULL,
	"exam" text NOT NULL,
	"role" text NOT NULL,
	"opens_on" text NOT NULL,
	"closes_on" text NOT NULL,
	"starts_on" text NOT NULL,
	"ends_on" text NOT NULL,
	"min_qualification" text,
	"subjects" jsonb NOT NULL,
	"county" text,
	"places" integer,
	"taken" integer NOT NULL,
	"daily_rate_kes" integer NOT NULL,
	"closed_at" bigint,
	"draft" boolean DEFAULT false NOT NULL,
	"changed_at" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "applications" (
	"id" text PRIMARY KEY NOT NULL,
	"reference" text NOT NULL,
	"person_id" text NOT NULL,
	"job_code" text NOT NULL,
	"county" text NOT NULL,
	"sub_county" text NOT NULL,
	"status" text NOT NULL,
	"at" bigint NOT NULL,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "deployments" (
	"id" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"job_code" text NOT NULL,
	"centre_code" text NOT NULL,
	"county" text NOT NULL,
	"report_on" text NOT NULL,
	"report_at" text NOT NULL,
	"status" text NOT NULL,
	"reason_sealed" text,
	"letter_version" integer NOT NULL,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "letters" (
	"id" text PRIMARY KEY NOT NULL,
	"deployment_id" text NOT NULL,
	"person_id" text NOT NULL,
	"reference" text NOT NULL,
	"version" integer NOT NULL,
	"facts_sealed" text NOT NULL,
	"verify_id" text NOT NULL,
	"issued_at" bigint NOT NULL,
	"revoked_at" bigint,
	"revoked_why" text
);
--> statement-breakpoint
CREATE TABLE "links" (
	"id" text PRIMARY KEY NOT NULL,
	"letter_id" text NOT NULL,
	"expires_at" bigint NOT NULL,
	"downloads_left" integer NOT NULL,
	"tries_left" integer NOT NULL,
	"made_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" text PRIMARY KEY NOT NULL,
	"dedupe" text NOT NULL,
	"msisdn" text NOT NULL,
	"person_id" text,
	"class" text NOT NULL,
	"rank" integer NOT NULL,
	"body_sealed" text NOT NULL,
	"segments" integer NOT NULL,
	"status" text NOT NULL,
	"due_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"lease_until" bigint NOT NULL,
	"tries" integer NOT NULL,
	"losses" integer DEFAULT 0 NOT NULL,
	"provider_id" text,
	"reason" text,
	"cost" text,
	"created_at" bigint NOT NULL,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reports" (
	"id" text PRIMARY KEY NOT NULL,
	"provider_id" text NOT NULL,
	"msisdn" text NOT NULL,
	"status" text NOT NULL,
	"reason" text,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inbound" (
	"id" text PRIMARY KEY NOT NULL,
	"msisdn" text NOT NULL,
	"body_sealed" text NOT NULL,
	"keyword" text,
	"outcome" text,
	"at" bigint NOT NULL,
	"answered_by" text,
	"answered_at" bigint
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"msisdn" text NOT NULL,
	"service_code" text NOT NULL,
	"digest" text NOT NULL,
	"length" integer NOT NULL,
	"screen" text NOT NULL,
	"state_sealed" text NOT NULL,
	"open" boolean NOT NULL,
	"started_at" bigint NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hops" (
	"session_id" text NOT NULL,
	"digest" text NOT NULL,
	"reply_sealed" text NOT NULL,
	"screen" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "hops_session_id_digest_pk" PRIMARY KEY("session_id","digest")
);
--> statement-breakpoint
CREATE TABLE "limits" (
	"key" text PRIMARY KEY NOT NULL,
	"count" integer NOT NULL,
	"until" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "guesses" (
	"key" text PRIMARY KEY NOT NULL,
	"tries" integer NOT NULL,
	"locked_until" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "counters" (
	"name" text PRIMARY KEY NOT NULL,
	"n" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "facts" (
	"name" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit" (
	"id" text PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"actor" text NOT NULL,
	"via" text NOT NULL,
	"action" text NOT NULL,
	"subject" text,
	"outcome" text NOT NULL,
	"detail" jsonb
);
--> statement-breakpoint
CREATE TABLE "audit_chain" (
	"n" integer PRIMARY KEY NOT NULL,
	"audit_id" text NOT NULL,
	"mac" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "officers" (
	"id" text PRIMARY KEY NOT NULL,
	"username" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"counties" jsonb NOT NULL,
	"password_hash" text,
	"totp_sealed" text,
	"totp_step" integer DEFAULT 0 NOT NULL,
	"invite_index" text,
	"invite_until" bigint,
	"active" boolean DEFAULT true NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "web_sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"face" text NOT NULL,
	"holder" text NOT NULL,
	"stage" text NOT NULL,
	"device" text NOT NULL,
	"started_at" bigint NOT NULL,
	"seen_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "devices" (
	"id" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"label" text NOT NULL,
	"at" bigint NOT NULL,
	"seen_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "challenges" (
	"person_id" text NOT NULL,
	"purpose" text NOT NULL,
	"code_digest" text NOT NULL,
	"tries_left" integer NOT NULL,
	"expires_at" bigint NOT NULL,
	CONSTRAINT "challenges_person_id_purpose_pk" PRIMARY KEY("person_id","purpose")
);
--> statement-breakpoint
CREATE TABLE "documents" (
	"id" text PRIMARY KEY NOT NULL,
	"person_id" text NOT NULL,
	"label" text NOT NULL,
	"type" text NOT NULL,
	"bytes" integer NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"subject" text,
	"county" text,
	"input_sealed" text NOT NULL,
	"summary" jsonb NOT NULL,
	"digest" text NOT NULL,
	"state" text NOT NULL,
	"asked_by" text NOT NULL,
	"asked_at" bigint NOT NULL,
	"decided_by" text,
	"decided_at" bigint,
	"effect_at" bigint NOT NULL,
	"run_id" text
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"input_sealed" text NOT NULL,
	"state" text NOT NULL,
	"cursor" text,
	"done" integer NOT NULL,
	"of" integer,
	"tally" jsonb NOT NULL,
	"why" text,
	"lease" text,
	"lease_until" bigint NOT NULL,
	"by" text NOT NULL,
	"at" bigint NOT NULL,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "views" (
	"id" text PRIMARY KEY NOT NULL,
	"officer_id" text NOT NULL,
	"page" text NOT NULL,
	"name" text NOT NULL,
	"query" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "traffic" (
	"day" text NOT NULL,
	"screen" text NOT NULL,
	"shown" integer NOT NULL,
	"left" integer NOT NULL,
	CONSTRAINT "traffic_day_screen_pk" PRIMARY KEY("day","screen")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "people_national_id" ON "people" USING btree ("national_id_index");--> statement-breakpoint
CREATE INDEX "people_msisdn" ON "people" USING btree ("msisdn");--> statement-breakpoint
CREATE INDEX "people_sub_county" ON "people" USING btree ("home_county","home_sub_county");--> statement-breakpoint
CREATE INDEX "people_tsc_number" ON "people" USING btree ("tsc_number_index");--> statement-breakpoint
CREATE INDEX "people_name" ON "people" USING btree ("full_name","id");--> statement-breakpoint
CREATE INDEX "name_words_person" ON "name_words" USING btree ("person_id");--> statement-breakpoint
CREATE UNIQUE INDEX "accounts_msisdn" ON "accounts" USING btree ("msisdn");--> statement-breakpoint
CREATE INDEX "accounts_created" ON "accounts" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "stations_sub_county" ON "stations" USING btree ("county","sub_county");--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_code_key" ON "jobs" USING btree ("code_key");--> statement-breakpoint
CREATE INDEX "jobs_closes" ON "jobs" USING btree ("closes_on");--> statement-breakpoint
CREATE UNIQUE INDEX "applications_reference" ON "applications" USING btree ("reference");--> statement-breakpoint
CREATE UNIQUE INDEX "applications_once" ON "applications" USING btree ("person_id","job_code");--> statement-breakpoint
CREATE INDEX "applications_job" ON "applications" USING btree ("job_code","status","at","id");--> statement-breakpoint
CREATE INDEX "applications_county" ON "applications" USING btree ("county","status","at","id");--> statement-breakpoint
CREATE INDEX "applications_status" ON "applications" USING btree ("status","at","id");--> statement-breakpoint
CREATE INDEX "applications_at" ON "applications" USING btree ("at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "deployments_once" ON "deployments" USING btree ("person_id","job_code");--> statement-breakpoint
CREATE INDEX "deployments_job" ON "deployments" USING btree ("job_code","status","id");--> statement-breakpoint
CREATE INDEX "deployments_status" ON "deployments" USING btree ("status","report_on","id");--> statement-breakpoint
CREATE INDEX "deployments_county" ON "deployments" USING btree ("county","status","report_on","id");--> statement-breakpoint
CREATE INDEX "deployments_centre" ON "deployments" USING btree ("centre_code","id");--> statement-breakpoint
CREATE UNIQUE INDEX "letters_version" ON "letters" USING btree ("deployment_id","version");--> statement-breakpoint
CREATE UNIQUE INDEX "letters_verify" ON "letters" USING btree ("verify_id");--> statement-breakpoint
CREATE INDEX "letters_person" ON "letters" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "links_letter" ON "links" USING btree ("letter_id");--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_dedupe" ON "outbox" USING btree ("dedupe");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("status","rank","due_at");--> statement-breakpoint
CREATE INDEX "outbox_provider" ON "outbox" USING btree ("provider_id");--> statement-breakpoint
CREATE INDEX "outbox_msisdn" ON "outbox" USING btree ("msisdn","created_at");--> statement-breakpoint
CREATE INDEX "outbox_person" ON "outbox" USING btree ("person_id","created_at");--> statement-breakpoint
CREATE INDEX "outbox_created" ON "outbox" USING btree ("created_at","class","status");--> statement-breakpoint
CREATE INDEX "reports_provider" ON "reports" USING btree ("provider_id");--> statement-breakpoint
CREATE INDEX "inbound_msisdn" ON "inbound" USING btree ("msisdn","at");--> statement-breakpoint
CREATE INDEX "inbound_keyword" ON "inbound" USING btree ("keyword","at");--> statement-breakpoint
CREATE INDEX "sessions_msisdn" ON "sessions" USING btree ("msisdn","at");--> statement-breakpoint
CREATE INDEX "sessions_at" ON "sessions" USING btree ("at");--> statement-breakpoint
CREATE INDEX "hops_at" ON "hops" USING btree ("at");--> statement-breakpoint
CREATE INDEX "audit_at" ON "audit" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "audit_subject" ON "audit" USING btree ("subject","at");--> statement-breakpoint
CREATE INDEX "audit_actor" ON "audit" USING btree ("actor","at");--> statement-breakpoint
CREATE INDEX "audit_action" ON "audit" USING btree ("action","at");--> statement-breakpoint
CREATE UNIQUE INDEX "audit_chain_row" ON "audit_chain" USING btree ("audit_id");--> statement-breakpoint
CREATE UNIQUE INDEX "officers_username" ON "officers" USING btree ("username");--> statement-breakpoint
CREATE UNIQUE INDEX "officers_invite" ON "officers" USING btree ("invite_index");--> statement-breakpoint
CREATE INDEX "web_sessions_holder" ON "web_sessions" USING btree ("face","holder");--> statement-breakpoint
CREATE INDEX "web_sessions_expires" ON "web_sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "devices_person" ON "devices" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "documents_person" ON "documents" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "orders_state" ON "orders" USING btree ("state","kind","asked_at");--> statement-breakpoint
CREATE INDEX "orders_subject" ON "orders" USING btree ("subject","kind");--> statement-breakpoint
CREATE INDEX "runs_state" ON "runs" USING btree ("state","at");--> statement-breakpoint
CREATE INDEX "runs_by" ON "runs" USING btree ("by","at");--> statement-breakpoint
CREATE UNIQUE INDEX "views_name" ON "views" USING btree ("officer_id","page","name");