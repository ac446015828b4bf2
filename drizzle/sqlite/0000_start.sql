CREATE TABLE `people` (
	`id` text PRIMARY KEY NOT NULL,
	`national_id_sealed` text NOT NULL,
	`national_id_index` text NOT NULL,
	`full_name` text NOT NULL,
	`msisdn` text NOT NULL,
	`tsc_number_sealed` text,
	`kra_pin_sealed` text,
	`qualification` text NOT NULL,
	`subjects` text NOT NULL,
	`home_county` text NOT NULL,
	`home_sub_county` text NOT NULL,
	`workstation_code` text,
	`status` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `people_national_id` ON `people` (`national_id_index`);--> statement-breakpoint
CREATE INDEX `people_msisdn` ON `people` (`msisdn`);--> statement-breakpoint
CREATE INDEX `people_sub_county` ON `people` (`home_county`,`home_sub_county`);--> statement-breakpoint
CREATE TABLE `accounts` (
	`person_id` text PRIMARY KEY NOT NULL,
	`msisdn` text NOT NULL,
	`password_hash` text NOT NULL,
	`password_until` integer,
	`pin_hash` text,
	`pin_tries` integer NOT NULL,
	`pin_locked_until` integer NOT NULL,
	`alerts` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `accounts_msisdn` ON `accounts` (`msisdn`);--> statement-breakpoint
CREATE TABLE `subscribers` (
	`msisdn` text PRIMARY KEY NOT NULL,
	`language` text NOT NULL,
	`stopped_at` integer
);
--> statement-breakpoint
CREATE TABLE `profile_fields` (
	`person_id` text NOT NULL,
	`field` text NOT NULL,
	`value_sealed` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`person_id`, `field`)
);
--> statement-breakpoint
CREATE TABLE `series` (
	`exam` text PRIMARY KEY NOT NULL,
	`rules` text NOT NULL,
	`version` integer NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `stations` (
	`centre_code` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`county` text NOT NULL,
	`sub_county` text NOT NULL,
	`latitude` real,
	`longitude` real,
	`candidates` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `stations_sub_county` ON `stations` (`county`,`sub_county`);--> statement-breakpoint
CREATE TABLE `jobs` (
	`code` text PRIMARY KEY NOT NULL,
	`code_key` text NOT NULL,
	`title` text NOT NULL,
	`title_sw` text NOT NULL,
	`exam` text NOT NULL,
	`role` text NOT NULL,
	`opens_on` text NOT NULL,
	`closes_on` text NOT NULL,
	`starts_on` text NOT NULL,
	`ends_on` text NOT NULL,
	`min_qualification` text,
	`subjects` text NOT NULL,
	`county` text,
	`places` integer,
	`taken` integer NOT NULL,
	`daily_rate_kes` integer NOT NULL,
	`closed_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_code_key` ON `jobs` (`code_key`);--> statement-breakpoint
CREATE INDEX `jobs_closes` ON `jobs` (`closes_on`);--> statement-breakpoint
CREATE TABLE `applications` (
	`id` text PRIMARY KEY NOT NULL,
	`reference` text NOT NULL,
	`person_id` text NOT NULL,
	`job_code` text NOT NULL,
	`status` text NOT NULL,
	`at` integer NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `applications_reference` ON `applications` (`reference`);--> statement-breakpoint
CREATE UNIQUE INDEX `applications_once` ON `applications` (`person_id`,`job_code`);--> statement-breakpoint
CREATE INDEX `applications_job` ON `applications` (`job_code`,`status`);--> statement-breakpoint
CREATE TABLE `deployments` (
	`id` text PRIMARY KEY NOT NULL,
	`person_id` text NOT NULL,
	`job_code` text NOT NULL,
	`centre_code` text NOT NULL,
	`report_on` text NOT NULL,
	`report_at` text NOT NULL,
	`status` text NOT NULL,
	`reason_sealed` text,
	`letter_version` integer NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deployments_once` ON `deployments` (`person_id`,`job_code`);--> statement-breakpoint
CREATE INDEX `deployments_job` ON `deployments` (`job_code`,`status`);--> statement-breakpoint
CREATE TABLE `letters` (
	`id` text PRIMARY KEY NOT NULL,
	`deployment_id` text NOT NULL,
	`person_id` text NOT NULL,
	`reference` text NOT NULL,
	`version` integer NOT NULL,
	`facts_sealed` text NOT NULL,
	`verify_id` text NOT NULL,
	`issued_at` integer NOT NULL,
	`revoked_at` integer,
	`revoked_why` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `letters_version` ON `letters` (`deployment_id`,`version`);--> statement-breakpoint
CREATE UNIQUE INDEX `letters_verify` ON `letters` (`verify_id`);--> statement-breakpoint
CREATE INDEX `letters_person` ON `letters` (`person_id`);--> statement-breakpoint
CREATE TABLE `links` (
	`id` text PRIMARY KEY NOT NULL,
	`letter_id` text NOT NULL,
	`expires_at` integer NOT NULL,
	`downloads_left` integer NOT NULL,
	`tries_left` integer NOT NULL,
	`made_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `links_letter` ON `links` (`letter_id`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` text PRIMARY KEY NOT NULL,
	`dedupe` text NOT NULL,
	`msisdn` text NOT NULL,
	`person_id` text,
	`class` text NOT NULL,
	`rank` integer NOT NULL,
	`body_sealed` text NOT NULL,
	`segments` integer NOT NULL,
	`status` text NOT NULL,
	`due_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`lease_until` integer NOT NULL,
	`tries` integer NOT NULL,
	`provider_id` text,
	`reason` text,
	`cost` text,
	`created_at` integer NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `outbox_dedupe` ON `outbox` (`dedupe`);--> statement-breakpoint
CREATE INDEX `outbox_due` ON `outbox` (`status`,`rank`,`due_at`);--> statement-breakpoint
CREATE INDEX `outbox_provider` ON `outbox` (`provider_id`);--> statement-breakpoint
CREATE INDEX `outbox_msisdn` ON `outbox` (`msisdn`,`created_at`);--> statement-breakpoint
CREATE TABLE `reports` (
	`id` text PRIMARY KEY NOT NULL,
	`provider_id` text NOT NULL,
	`msisdn` text NOT NULL,
	`status` text NOT NULL,
	`reason` text,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `reports_provider` ON `reports` (`provider_id`);--> statement-breakpoint
CREATE TABLE `inbound` (
	`id` text PRIMARY KEY NOT NULL,
	`msisdn` text NOT NULL,
	`body_sealed` text NOT NULL,
	`keyword` text,
	`outcome` text,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`msisdn` text NOT NULL,
	`service_code` text NOT NULL,
	`digest` text NOT NULL,
	`length` integer NOT NULL,
	`screen` text NOT NULL,
	`state_sealed` text NOT NULL,
	`open` integer NOT NULL,
	`started_at` integer NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sessions_msisdn` ON `sessions` (`msisdn`,`at`);--> statement-breakpoint
CREATE INDEX `sessions_at` ON `sessions` (`at`);--> statement-breakpoint
CREATE TABLE `hops` (
	`session_id` text NOT NULL,
	`digest` text NOT NULL,
	`reply_sealed` text NOT NULL,
	`screen` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`session_id`, `digest`)
);
--> statement-breakpoint
CREATE INDEX `hops_at` ON `hops` (`at`);--> statement-breakpoint
CREATE TABLE `limits` (
	`key` text PRIMARY KEY NOT NULL,
	`count` integer NOT NULL,
	`until` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `counters` (
	`name` text PRIMARY KEY NOT NULL,
	`n` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `facts` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `audit` (
	`id` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`via` text NOT NULL,
	`action` text NOT NULL,
	`subject` text,
	`outcome` text NOT NULL,
	`detail` text
);
--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit` (`at`);--> statement-breakpoint
CREATE INDEX `audit_subject` ON `audit` (`subject`,`at`);