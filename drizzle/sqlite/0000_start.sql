CREATE TABLE `people` (
	`id` text PRIMARY KEY NOT NULL,
	`national_id_sealed` text NOT NULL,
	`national_id_index` text NOT NULL,
	`full_name` text NOT NULL,
	`msisdn` text NOT NULL,
	`tsc_number_sealed` text,
	`tsc_number_index` text,
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
CREATE INDEX `people_tsc_number` ON `people` (`tsc_number_index`);--> statement-breakpoint
CREATE INDEX `people_name` ON `people` (`full_name`,`id`);--> statement-breakpoint
CREATE TABLE `name_words` (
	`word` text NOT NULL,
	`person_id` text NOT NULL,
	PRIMARY KEY(`word`, `person_id`)
);
--> statement-breakpoint
CREATE INDEX `name_words_person` ON `name_words` (`person_id`);--> statement-breakpoint
CREATE TABLE `accounts` (
	`person_id` text PRIMARY KEY NOT NULL,
	`msisdn` text NOT NULL,
	`password_hash` text,
	`one_time_hash` text,
	`one_time_until` integer,
	`pin_hash` text,
	`alerts` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `accounts_msisdn` ON `accounts` (`msisdn`);--> statement-breakpoint
CREATE INDEX `accounts_created` ON `accounts` (`created_at`);--> statement-breakpoint
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
	`closed_at` integer,
	`draft` integer DEFAULT false NOT NULL,
	`changed_at` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_code_key` ON `jobs` (`code_key`);--> statement-breakpoint
CREATE INDEX `jobs_closes` ON `jobs` (`closes_on`);--> statement-breakpoint
CREATE TABLE `applications` (
	`id` text PRIMARY KEY NOT NULL,
	`reference` text NOT NULL,
	`person_id` text NOT NULL,
	`job_code` text NOT NULL,
	`county` text NOT NULL,
	`sub_county` text NOT NULL,
	`status` text NOT NULL,
	`at` integer NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `applications_reference` ON `applications` (`reference`);--> statement-breakpoint
CREATE UNIQUE INDEX `applications_once` ON `applications` (`person_id`,`job_code`);--> statement-breakpoint
CREATE INDEX `applications_job` ON `applications` (`job_code`,`status`,`at`,`id`);--> statement-breakpoint
CREATE INDEX `applications_county` ON `applications` (`county`,`status`,`at`,`id`);--> statement-breakpoint
CREATE INDEX `applications_status` ON `applications` (`status`,`at`,`id`);--> statement-breakpoint
CREATE INDEX `applications_at` ON `applications` (`at`,`id`);--> statement-breakpoint
CREATE TABLE `deployments` (
	`id` text PRIMARY KEY NOT NULL,
	`person_id` text NOT NULL,
	`job_code` text NOT NULL,
	`centre_code` text NOT NULL,
	`county` text NOT NULL,
	`report_on` text NOT NULL,
	`report_at` text NOT NULL,
	`status` text NOT NULL,
	`reason_sealed` text,
	`letter_version` integer NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deployments_once` ON `deployments` (`person_id`,`job_code`);--> statement-breakpoint
CREATE INDEX `deployments_job` ON `deployments` (`job_code`,`status`,`id`);--> statement-breakpoint
CREATE INDEX `deployments_status` ON `deployments` (`status`,`report_on`,`id`);--> statement-breakpoint
CREATE INDEX `deployments_county` ON `deployments` (`county`,`status`,`report_on`,`id`);--> statement-breakpoint
CREATE INDEX `deployments_centre` ON `deployments` (`centre_code`,`id`);--> statement-breakpoint
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
	`losses` integer DEFAULT 0 NOT NULL,
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
CREATE INDEX `outbox_person` ON `outbox` (`person_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `outbox_created` ON `outbox` (`created_at`,`class`,`status`);--> statement-breakpoint
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
	`at` integer NOT NULL,
	`answered_by` text,
	`answered_at` integer
);
--> statement-breakpoint
CREATE INDEX `inbound_msisdn` ON `inbound` (`msisdn`,`at`);--> statement-breakpoint
CREATE INDEX `inbound_keyword` ON `inbound` (`keyword`,`at`);--> statement-breakpoint
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
CREATE TABLE `guesses` (
	`key` text PRIMARY KEY NOT NULL,
	`tries` integer NOT NULL,
	`locked_until` integer NOT NULL
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
CREATE INDEX `audit_at` ON `audit` (`at`,`id`);--> statement-breakpoint
CREATE INDEX `audit_subject` ON `audit` (`subject`,`at`);--> statement-breakpoint
CREATE INDEX `audit_actor` ON `audit` (`actor`,`at`);--> statement-breakpoint
CREATE INDEX `audit_action` ON `audit` (`action`,`at`);--> statement-breakpoint
CREATE TABLE `audit_chain` (
	`n` integer PRIMARY KEY NOT NULL,
	`audit_id` text NOT NULL,
	`mac` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `audit_chain_row` ON `audit_chain` (`audit_id`);--> statement-breakpoint
CREATE TABLE `officers` (
	`id` text PRIMARY KEY NOT NULL,
	`username` text NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`counties` text NOT NULL,
	`password_hash` text,
	`totp_sealed` text,
	`totp_step` integer DEFAULT 0 NOT NULL,
	`invite_index` text,
	`invite_until` integer,
	`active` integer DEFAULT true NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `officers_username` ON `officers` (`username`);--> statement-breakpoint
CREATE UNIQUE INDEX `officers_invite` ON `officers` (`invite_index`);--> statement-breakpoint
CREATE TABLE `web_sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`face` text NOT NULL,
	`holder` text NOT NULL,
	`stage` text NOT NULL,
	`device` text NOT NULL,
	`started_at` integer NOT NULL,
	`seen_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `web_sessions_holder` ON `web_sessions` (`face`,`holder`);--> statement-breakpoint
CREATE INDEX `web_sessions_expires` ON `web_sessions` (`expires_at`);--> statement-breakpoint
CREATE TABLE `devices` (
	`id` text PRIMARY KEY NOT NULL,
	`person_id` text NOT NULL,
	`label` text NOT NULL,
	`at` integer NOT NULL,
	`seen_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `devices_person` ON `devices` (`person_id`);--> statement-breakpoint
CREATE TABLE `challenges` (
	`person_id` text NOT NULL,
	`purpose` text NOT NULL,
	`code_digest` text NOT NULL,
	`tries_left` integer NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`person_id`, `purpose`)
);
--> statement-breakpoint
CREATE TABLE `documents` (
	`id` text PRIMARY KEY NOT NULL,
	`person_id` text NOT NULL,
	`label` text NOT NULL,
	`type` text NOT NULL,
	`bytes` integer NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `documents_person` ON `documents` (`person_id`);--> statement-breakpoint
CREATE TABLE `orders` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`subject` text,
	`county` text,
	`input_sealed` text NOT NULL,
	`summary` text NOT NULL,
	`digest` text NOT NULL,
	`state` text NOT NULL,
	`asked_by` text NOT NULL,
	`asked_at` integer NOT NULL,
	`decided_by` text,
	`decided_at` integer,
	`effect_at` integer NOT NULL,
	`run_id` text
);
--> statement-breakpoint
CREATE INDEX `orders_state` ON `orders` (`state`,`kind`,`asked_at`);--> statement-breakpoint
CREATE INDEX `orders_subject` ON `orders` (`subject`,`kind`);--> statement-breakpoint
CREATE TABLE `runs` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`input_sealed` text NOT NULL,
	`state` text NOT NULL,
	`cursor` text,
	`done` integer NOT NULL,
	`of` integer,
	`tally` text NOT NULL,
	`why` text,
	`lease` text,
	`lease_until` integer NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `runs_state` ON `runs` (`state`,`at`);--> statement-breakpoint
CREATE INDEX `runs_by` ON `runs` (`by`,`at`);--> statement-breakpoint
CREATE TABLE `views` (
	`id` text PRIMARY KEY NOT NULL,
	`officer_id` text NOT NULL,
	`page` text NOT NULL,
	`name` text NOT NULL,
	`query` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `views_name` ON `views` (`officer_id`,`page`,`name`);--> statement-breakpoint
CREATE TABLE `traffic` (
	`day` text NOT NULL,
	`screen` text NOT NULL,
	`shown` integer NOT NULL,
	`left` integer NOT NULL,
	PRIMARY KEY(`day`, `screen`)
);
